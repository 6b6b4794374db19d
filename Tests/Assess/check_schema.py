# docs/assessment.schema.json describes what `assess --json` puts out: all of it, and nothing else.
# SPDX-License-Identifier: Apache-2.0
import copy
import json

from json_schema import Schema
from samples import MILLION, masked, uniform
from support import TESTS, Unexpected, side_by_side

# What no run here brings forth: the repetition of procedure B.
NEVER_SEEN = ("/$defs/ais31/properties/procedureB/properties/second",)


def make_inputs(run):
    """Makes the files of CALLS, recordings of a real source among them."""
    for words in (["-n", "2000"], ["--restarts", "1000"]):
        path = run.file("restarts.bin" if "--restarts" in words else "jitter.bin")
        recorded = run.ask("capture", "jitter", *words, "-o", path)
        if recorded.status != 0:
            raise Unexpected(f"{recorded}: exit status {recorded.status}: {recorded.errors}")
    # A run of 40 ones fails one test of procedure A, which is then repeated on the bits behind.
    once = bytearray(uniform(70, 2_080_000))
    once[500_000:500_005] = b"\xff" * 5
    run.file("repeated.bin", bytes(once))
    run.file("bit-restarts.bin", masked(71, MILLION, 1))
    run.file("bits.bin", masked(72, 10_000, 1))
    run.file("17.bin", uniform(16, 17))
    run.file("2.bin", b"\0\1")
    run.file("5.bin", b"\0\1\2\3\5")
    run.file("digits", masked(73, 5_000, 1).translate(bytes.maketrans(b"\0\1", b"01")))
    # Too few ones for the tests of procedure B to find their samples.
    run.file("mostly-zeros.bin", bytes(12_600) + b"\1" * 20)


# Command lines of `assess`: everything at once, then what is rare.
CALLS = (
    "jitter.bin --suite all --iid --restart restarts.bin --claim 0.5",
    "repeated.bin --suite sts,ais31,fips140,ent --streams 2",
    "jitter.bin bits.bin --suite 90b,ent --reference standard --skip 100 --take 50000",
    "bits.bin --suite all --iid",
    "17.bin 2.bin 5.bin --suite all --iid",
    "mostly-zeros.bin --suite all --bits 8",
    "digits --ascii --suite sts",
    "17.bin --suite fips140,ent",
    "5.bin --suite ais31 --bit-positions",
    "--compare jitter.bin 2.bin",
    "bits.bin --iid --restart bit-restarts.bin",
    "--restart bit-restarts.bin --claim 2",
    "--restart bit-restarts.bin --claim 0.5 --iid",
)


def check(run):
    text = json.loads((TESTS.parent / "docs" / "assessment.schema.json").read_text())
    schema = Schema(text)
    run.claim_none(
        "schema complete", f"each of {len(schema.properties)} properties is described, no object is open",
        [*schema.undescribed(), *schema.open_objects()],
    )
    make_inputs(run)

    def assess(call):
        words = [run.file(word) if word.endswith(".bin") or word == "digits" else word for word in call.split()]
        return call, run.ask("assess", "--json", *words)

    answers = side_by_side(assess, CALLS)
    faults = []
    for call, answer in answers:
        found = schema.faults(answer.json())
        faults += [f"assess {call}: {fault}" for fault in found]
    run.claim_none("schema", f"the JSON of {len(CALLS)} runs, all suites, IID and restart tests among them", faults)
    evidence = sorted((TESTS.parent / "docs" / "evidence").glob("*-assessment.json"))
    run.claim_none(
        "schema of the evidence", f"{len(evidence)} assessments in docs/evidence, 3 expected",
        [f"{path.name}: {fault}" for path in evidence for fault in schema.faults(json.loads(path.read_text()))]
        + ([] if len(evidence) == 3 else ["one is missing"]),
    )
    unseen = sorted(
        place for place in schema.properties - schema.seen if not place.startswith(NEVER_SEEN)
    )
    run.claim_none("schema in use", f"{len(schema.seen)} properties of the schema occurred in them", unseen)
    run.claim_none("schema refuses", *refusals(schema, answers[0][1].json()))


def refusals(schema, document):
    """Broken copies of a document, and those that the schema lets pass."""
    sample = ("samples", 0)
    breaks = {
        "a property too many": (sample, "extra", 1),
        "a property of another type": ((*sample, "provenance"), "sampleCount", "2000"),
        "a whole number with a fraction": ((*sample, "provenance"), "sampleCount", 0.5),
        "a number above its maximum": ((*sample, "nonIID"), "assessedMinEntropy", 8.5),
        "a number below its minimum": ((*sample, "nonIID"), "alphabetSize", 0),
        "an unknown word": (("restart", "tests"), "verdict", "perhaps"),
        "another format": ((), "format", "wellspring-assessment-2"),
        "a hash that is none": ((*sample, "provenance"), "sha256", "abc"),
        "half an estimate": ((*sample, "nonIID", "symbols"), "lag", {"correct": 1}),
        "a list that is too short": ((*sample, "iid", "unpermuted"), "covariance", [1]),
        "a missing property": ((), "samples", None),
    }
    passed = []
    for name, (path, key, value) in breaks.items():
        broken = copy.deepcopy(document)
        place = broken
        for step in path:
            place = place[step]
        if value is None:
            del place[key]
        else:
            place[key] = value
        if not schema.faults(broken):
            passed.append(name)
    return f"{len(breaks)} documents with one fault each", passed
