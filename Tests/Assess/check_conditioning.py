# Output entropy of conditioning components (SP 800-90B, 3.1.5) as NIST's tool printed it against ours.
# SPDX-License-Identifier: Apache-2.0
import re

from support import Deviation, side_by_side, vector

CASES = 104


def check(run):
    cases = vector("AssessmentTests/Vectors/conditioning.json")["cases"]
    entropy = Deviation(1e-12)
    shortfalls = []

    def ask(case):
        words = [
            "conditioning", "--input-bits", case["n_in"], "--output-bits", case["n_out"],
            "--narrowest-bits", case["nw"], "--input-entropy", case["h_in"],
        ]
        if case.get("nonvetted"):
            words += ["--estimate-per-bit", case["hprime"]]
        return case, run.ask(*words)

    losses = 0
    for case, answer in side_by_side(ask, cases):
        theirs = "\n".join(case["stdout"])
        ours = answer.output.decode()
        kind = "not vetted" if case.get("nonvetted") else "vetted"
        value = re.search(rf"h_out \({kind}\) = (\S+) bit", ours)
        expected = re.search(r"h_out = (\S+)", theirs)
        if answer.status != 0 or not value or not expected:
            entropy.faults.append(f"{answer}: exit status {answer.status}, {ours} {answer.errors}")
            continue
        entropy.compare(str(answer), float(value[1]), float(expected[1]))
        loss = re.search(r"2\^\(([^)]+)\)", theirs)
        if loss:
            losses += 1
            # Printed with two decimals.
            printed = re.search(r"\(1 - 2\^(\S+)\)", ours)
            if not printed or abs(float(printed[1]) - float(loss[1])) > 0.005 + 1e-9:
                shortfalls.append(f"{answer}: {ours.splitlines()[1]}, expected 2^{loss[1]}")
    if len(cases) != CASES:
        entropy.faults.append(f"there are {len(cases)} cases, expected {CASES}")
    run.claim_none("conditioning", f"h_out of {CASES} components to 1e-12: {entropy}", entropy.faults)
    run.claim_none(
        "conditioning shortfall", f"2^x of {losses} components that are near their bound, to 0.005 in x",
        shortfalls if losses else ["no shortfall was compared"],
    )
