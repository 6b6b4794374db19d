# Restart tests (SP 800-90B, section 3.1.4) of the program: their initial estimate, their track, their verdicts.
# SPDX-License-Identifier: Apache-2.0
from samples import MILLION, masked
from support import Deviation

SIDE = 1000


def check(run):
    independent = run.file("independent.bin", masked(80, 10_000, 1))
    # Each bit stands twice.
    dependent = run.file("dependent.bin", bytes(bit for bit in masked(81, 2_500, 1) for _ in "12"))
    restarts = run.file("restarts.bin", masked(82, MILLION, 1))
    # Each restart gives the same: columns of one symbol, though the rows are as uniform as can be.
    alike = run.file("alike.bin", masked(83, SIDE, 1) * SIDE)

    def assess(*words):
        answer = run.ask("assess", *words, "--json")
        document = answer.json()
        return answer.status, document, document["restart"]["tests"]

    status, document, tests = assess(independent, "--restart", restarts)
    deviation = Deviation(0)
    deviation.compare("H_I", tests["initialEstimate"], document["samples"][0]["nonIID"]["assessedMinEntropy"])
    _, document, tests = assess(independent, "--restart", restarts, "--claim", "0.25")
    deviation.compare("H_I with a claim", tests["initialEstimate"], 0.25)
    run.claim_none("restart estimate", "H_I is the assessed entropy, or the claim if that is less", deviation.faults)

    # What a row and a column hold, counted here.
    data = restarts.read_bytes()
    lines = [data[start : start + SIDE] for start in range(0, MILLION, SIDE)] + [data[k::SIDE] for k in range(SIDE)]
    largest = max(line.count(value) for line in lines for value in set(line))
    run.claim(
        "restart counts", tests["largestCount"] == largest and tests["verdict"] == "passed" and status == 0,
        f"largest count {tests['largestCount']} in a row or column, counted {largest}; {tests['verdict']}",
    )
    status, _, tests = assess("--restart", alike, "--claim", "0.9")
    place = tests["place"]
    run.claim(
        "restart alike", (status, tests["verdict"], tests["largestCount"], place["line"])
        == (2, "failedSanityCheck", SIDE, "column"),
        f"restarts that give the same: {tests['verdict']}, {tests['largestCount']} in {place}, exit status {status}",
    )

    for name, samples, is_iid in (("IID", independent, True), ("not IID", dependent, False)):
        _, document, tests = assess(samples, "--iid", "--restart", restarts)
        iid = document["samples"][0]["iid"]
        found = iid["tests"]["passes"] and iid["permutations"]["passes"]
        has_all = "estimates" in tests["rows"] and "estimates" in tests["columns"]
        run.claim(
            f"restart track of samples that are {name}", found == is_iid and has_all != is_iid,
            f"--iid {'passes' if found else 'fails'}; restart data are estimated by "
            f"{'all estimators' if has_all else 'the most common value alone'}",
        )
