# Every value that NIST's tool prints in the non-IID track (SP 800-90B, section 6) against `assess --json`.
# SPDX-License-Identifier: Apache-2.0
from samples import sample
from support import FAINTEST, Deviation, Unexpected, sha256, side_by_side, vector, vectors

FOLDER = "AssessmentTests/Vectors"

# Reference results in the folder; one that is missing must not go unnoticed.
COUNT = 17

# Names of the reference tool, and ours.
COMMON = {"p-hat": "frequency", "p_u": "upperBound", "min entropy": "minEntropy"}
BOUNDED_MEAN = {
    "X-bar": "mean", "sigma-hat": "deviation", "X-bar'": "lowerBound", "p": "probability",
    "min entropy": "minEntropy",
}
PREDICTION = {
    "C": "correct", "r": "runLength", "N": "predictions", "P_global": "globalRate",
    "P_global'": "globalBound", "P_local": "localRate", "min entropy": "minEntropy",
}
ESTIMATORS = {
    "Most Common Value": ("mostCommonValue", {"Mode count": "modeCount", **COMMON}),
    "Collision": ("collision", {"v": "collisionCount", "Sum t_i": "distanceSum", **BOUNDED_MEAN}),
    "Markov": (
        "markov",
        {
            "P_1": "one", "P_{0,0}": "zeroToZero", "P_{0,1}": "zeroToOne", "P_{1,0}": "oneToZero",
            "P_{1,1}": "oneToOne", "p-hat_max": "sequenceProbability", "min entropy": "minEntropy",
        },
    ),
    "Compression": ("compression", BOUNDED_MEAN),
    "t-Tuple": (
        "tuple",
        {"t": "longestTuple", "p-hat_max": "frequency", "p_u": "upperBound", "min entropy": "minEntropy"},
    ),
    "LRS": ("longestRepeatedSubstring", {"u": "shortest", "v": "longest", **COMMON}),
    "MultiMCW Prediction": ("multiMCW", PREDICTION),
    "Lag Prediction": ("lag", PREDICTION),
    "MultiMMC Prediction": ("multiMMC", PREDICTION),
    "LZ78Y Prediction": ("lz78y", PREDICTION),
}


def track_fields(track, results):
    """Our results on one sequence by the names of the reference tool, and the reasons of those that are none."""
    fields, reasons = {}, []
    for name, (key, names) in ESTIMATORS.items():
        estimate = results[key]
        if "notApplicable" in estimate:
            reasons.append(estimate["notApplicable"])
            continue
        for theirs, ours in names.items():
            if ours in estimate:
                fields[f"{track} {name} Estimate: {theirs}"] = estimate[ours]
        if key == "markov":
            fields[f"{track} {name} Estimate: P_0"] = 1 - estimate["one"]
    return fields, reasons


def reference_fields(result):
    """`nonIID` of the JSON by the names of the reference tool, and why estimators could not run."""
    fields, reasons = track_fields("Literal", result["symbols"])
    fields["H_original"] = result["minEntropyOfSymbols"]
    fields["Assessed min entropy"] = result["assessedMinEntropy"]
    if "bitString" in result:
        more, others = track_fields("Bitstring", result["bitString"])
        fields.update(more)
        reasons += others
        per_bit = result["minEntropyPerBitOfBitString"]
        fields["Number of Binary Symbols"] = result["symbolCount"] * result["bitsPerSymbol"]
        fields["H_bitstring"] = per_bit
        fields["H_bitstring Per Symbol"] = per_bit * result["bitsPerSymbol"]
    return fields, reasons


def check(run):
    references = {name: vector(f"{FOLDER}/{name}.json") for name in vectors(FOLDER)}
    names = [name for name, reference in references.items() if reference["tool"] == "ea_non_iid"]

    def assess(name):
        data = sample(name, FOLDER)
        if sha256(data) != references[name]["sha256"]:
            raise Unexpected(f"{name} is not the sample that the reference was computed for")
        width = references[name]["bits_per_symbol_arg"]
        words = ["--bits", width] if width else []
        return name, run.ask("assess", run.file(f"{name}.bin", data), "--json", *words)

    deviation = Deviation(1e-9)
    if len(names) != COUNT:
        deviation.faults.append(f"there are {len(names)} reference results, expected {COUNT}: {names}")
    compared = 0
    for name, answer in side_by_side(assess, names):
        reference = references[name]
        if reference["exit"] != 0:
            claim_refusal(run, name, reference["exit"], answer)
            continue
        (assessed,) = answer.json()["samples"]
        entropy = assessed["nonIID"]["assessedMinEntropy"]
        status = 2 if entropy < FAINTEST else 0
        if answer.status != status:
            deviation.faults.append(f"{name}: exit status {answer.status}, expected {status} for {entropy} bit")
        if assessed["provenance"]["sha256"] != reference["sha256"]:
            deviation.faults.append(f"{name}: the SHA-256 in the JSON is not that of the sample")
        fields, _ = reference_fields(assessed["nonIID"])
        expected = {key: float(text) for key, text in reference["fields"].items()}
        deviation.compare_all(name, fields, expected)
        compared += 1
    run.claim_none(
        "non-IID", f"every field that NIST's tool prints for {compared} samples, to 1e-9: {deviation}",
        deviation.faults,
    )


def claim_refusal(run, name, theirs, answer):
    """Where the tool ends with another status: 255 for constant data, negative where it aborts."""
    if theirs == 255:
        said = answer.errors.strip()
        holds = answer.status == 2 and said != "" and answer.output == b""
    else:
        _, reasons = reference_fields(answer.json()["samples"][0]["nonIID"])
        said = "; ".join(sorted({reason for reason in reasons if reason.startswith("needs")}))
        holds = answer.status in (0, 2) and said != ""
    run.claim(f"non-IID {name}", holds, f"the tool ends with {theirs}, we with {answer.status}: {said}")
