# The 188 P-values of SP 800-22's reference program for its own data against `assess --suite sts --json`.
# SPDX-License-Identifier: Apache-2.0
import gzip

from support import TESTS, Deviation, vector

FOLDER = "StatisticalTestsTests/Vectors"
STREAMS = ("pi", "e", "sqrt2", "sha1")
# The order of the reference program's reports.
ORDER = (
    "Frequency", "BlockFrequency", "CumulativeSums", "Runs", "LongestRun", "Rank", "FFT",
    "NonOverlappingTemplate", "OverlappingTemplate", "Universal", "ApproximateEntropy",
    "RandomExcursions", "RandomExcursionsVariant", "Serial", "LinearComplexity",
)
COUNT = 188


def check(run):
    for name in STREAMS:
        reference = vector(f"{FOLDER}/{name}.json")
        data = gzip.decompress((TESTS / FOLDER / f"data.{name}.gz").read_bytes())
        is_binary = reference["mode"] == "binary"
        path = run.file(name, data[: reference["n"] // 8] if is_binary else data)
        words = ["--bits", "8"] if is_binary else ["--ascii"]
        answer = run.ask("assess", path, "--suite", "sts", "--streams", "1", "--json", *words)
        if answer.status not in (0, 2):
            run.claim(f"SP 800-22 {name}", False, f"exit status {answer.status}: {answer.errors}")
            continue
        (stream,) = answer.json()["samples"][0]["sp80022"]["streams"]
        deviation = Absolute(1e-6)
        count, left_out = compare(deviation, stream["entries"], reference["p_values"])
        if count != COUNT:
            deviation.faults.append(f"{count} P-values, expected {COUNT}")
        without = f", {left_out} of them zeros there and not applicable here" if left_out else ""
        run.claim_none(
            f"SP 800-22 {name}", f"{count} P-values in the reference's order to 1e-6{without}: {deviation}",
            deviation.faults,
        )


class Absolute(Deviation):
    """P-values are compared by their difference."""

    def compare(self, place, value, expected):
        self.compared += 1
        difference = abs(value - expected)
        if difference > self.largest:
            self.largest, self.place = difference, place
        if not difference <= self.limit:
            self.faults.append(f"{place}: {value!r}, expected {expected!r}")


def compare(deviation, entries, expected):
    """The number of P-values of the reference, and how many of them do not apply here."""
    tests = [entry["test"] for entry in entries]
    if tests != list(ORDER) or set(ORDER) != set(expected):
        deviation.faults.append(f"the tests are {tests}, the reference has {list(expected)}")
    count = left_out = 0
    for entry in entries:
        numbers = [float(text) for text in expected.get(entry["test"], [])]
        count += len(numbers)
        outcome = entry["outcome"]
        # The reference writes zeros where the random walk has fewer than 500 cycles.
        if "Excursions" in entry["test"] and not any(numbers):
            left_out += len(numbers)
            if "cycles" not in outcome.get("notApplicable", ""):
                deviation.faults.append(f"{entry['test']}: {outcome}, the reference has zeros")
            continue
        values = outcome.get("pValues", [])
        if len(values) != len(numbers):
            deviation.faults.append(f"{entry['test']}: {len(values)} P-values, expected {len(numbers)}")
        for index, (value, number) in enumerate(zip(values, numbers), 1):
            deviation.compare(f"{entry['test']} {index}", value, number)
    return count, left_out
