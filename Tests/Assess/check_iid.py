# Every value that NIST's tool prints in the IID track (SP 800-90B, section 5) against `assess --iid --json`.
# SPDX-License-Identifier: Apache-2.0
from samples import sample
from support import FAINTEST, Deviation, Unexpected, sha256, side_by_side, vector, vectors

FOLDER = "AssessmentTests/Vectors/IID"
LAGS = (1, 2, 8, 16, 32)
# Mean and median are inputs of the statistics and not in our JSON; the number of bits follows from the width.
NOT_OURS = {"Number of Binary samples", "Raw Mean", "Median"}
# Section 5.2: the type I error at which a test fails.
SIGNIFICANCE = 0.001
# Permutations are random, in the tool and here. Of these samples no statistic has less than about 1 % of
# permutations on one side, so that not even five of 10,000 lie there with a probability below 2^-100.
PASSES_PERMUTATIONS = {"biased-random-bits", "normal", "rand1_short", "rand8_short"}


def reference_fields(iid):
    """`iid` of the JSON by the names of the reference tool."""
    tests = iid["tests"]
    fields = {
        "H_original": tests["literalMinEntropy"],
        "Assessed min entropy": tests["assessedMinEntropy"],
        "Literal Longest Repeated Substring results: P_col": tests["longestRepeat"]["collisionProbability"],
        "Literal Longest Repeated Substring results: W": tests["longestRepeat"]["longestRepeat"],
        "Literal Longest Repeated Substring results: Pr(X >= 1)": tests["longestRepeat"]["probability"],
    }
    for theirs, ours in (("independence", "independence"), ("goodness of fit", "goodnessOfFit")):
        fields[f"Chi square {theirs}: T"] = tests[ours]["statistic"]
        fields[f"Chi square {theirs}: df"] = tests[ours]["degreesOfFreedom"]
        fields[f"Chi square {theirs}: P-value"] = tests[ours]["pValue"]
    for theirs, ours in (("Literal", "mostCommonSymbol"), ("Bitstring", "mostCommonBit")):
        if ours in tests:
            name = f"{theirs} Most Common Value Estimate:"
            fields[f"{name} Mode count"] = tests[ours]["modeCount"]
            fields[f"{name} p-hat"] = tests[ours]["frequency"]
            fields[f"{name} p_u"] = tests[ours]["upperBound"]
            fields[f"{name} min entropy"] = tests[ours]["minEntropy"]
    if "bitStringMinEntropy" in tests:
        fields["H_bitstring"] = tests["bitStringMinEntropy"]
        fields["H_bitstring Per Symbol"] = tests["bitStringMinEntropy"] * tests["bitsPerSymbol"]
    for name, value in iid["unpermuted"].items():
        named = zip((f"{name}({lag})" for lag in LAGS), value) if isinstance(value, list) else [(name, value)]
        for statistic, number in named:
            fields[f"Permutation testing: Unpermuted result {statistic}"] = number
    return fields


def check(run):
    deviation = Deviation(1e-9)
    verdicts = []
    references = {name: vector(f"{FOLDER}/{name}.json") for name in vectors(FOLDER)}
    names = list(references)
    if set(names) != PASSES_PERMUTATIONS:
        deviation.faults.append(f"the reference results are {names}, expected {sorted(PASSES_PERMUTATIONS)}")

    def assess(name):
        data = sample(name, FOLDER, "AssessmentTests/Vectors")
        if sha256(data) != references[name]["sha256"]:
            raise Unexpected(f"{name} is not the sample that the reference was computed for")
        return name, run.ask("assess", run.file(f"{name}.bin", data), "--suite", "ent", "--iid", "--json")

    for name, answer in side_by_side(assess, names):
        reference = references[name]
        result = answer.json()
        # The IID track alone establishes an entropy, too, if its tests pass.
        entropy = result["verdict"].get("minEntropy")
        status = 2 if entropy is not None and entropy < FAINTEST else 0
        if answer.status != status:
            deviation.faults.append(f"{name}: exit status {answer.status}, expected {status}: {answer.errors}")
        iid = result["samples"][0]["iid"]
        expected = {key: float(text) for key, text in reference["fields"].items() if key not in NOT_OURS}
        deviation.compare_all(name, reference_fields(iid), expected)
        verdicts += wrong_verdicts(name, iid, expected)
    run.claim_none("IID values", f"{len(names)} samples against NIST's tool, to 1e-9: {deviation}", deviation.faults)
    run.claim_none(
        "IID verdicts",
        f"chi-square tests, longest repeat and permutations of {len(names)} samples pass and fail as in NIST's tool",
        verdicts,
    )


def wrong_verdicts(name, iid, expected):
    """Verdicts that are not those of the reference's P-values, or of permutations that all pass."""
    tests, permutations = iid["tests"], iid["permutations"]
    wanted = {
        "independence": expected["Chi square independence: P-value"] >= SIGNIFICANCE,
        "goodnessOfFit": expected["Chi square goodness of fit: P-value"] >= SIGNIFICANCE,
        "longestRepeat": expected["Literal Longest Repeated Substring results: Pr(X >= 1)"] >= SIGNIFICANCE,
    }
    got = {key: tests[key]["passes"] for key in wanted}
    wanted["tests"], got["tests"] = all(wanted.values()), tests["passes"]
    wanted["permutations"], got["permutations"] = name in PASSES_PERMUTATIONS, permutations["passes"]
    faults = [f"{name}: {key} {got[key]}, expected {wanted[key]}" for key in wanted if got[key] != wanted[key]]
    # C0 + C1 > 5 and C1 + C2 > 5, section 5.1.
    for statistic, counts in permutations["comparisons"].items():
        low = min(counts["greater"], counts["less"]) + counts["equal"]
        if permutations["passes"] and low <= 5:
            faults.append(f"{name}: {statistic} passes with {counts}")
    if len(permutations["comparisons"]) != 19:
        faults.append(f"{name}: {len(permutations['comparisons'])} statistics, expected 19")
    return faults
