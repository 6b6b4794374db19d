# `wellspring rngtest` against Debian's rngtest (FIPS 140-2, section 4.9.1): the same lines, bytes and statuses.
# SPDX-License-Identifier: Apache-2.0
import re

from samples import counter, sticky, too_many_ones, uniform
from support import ask, fetched, side_by_side

# Debian's rngtest miscounts runs and the poker value 15 where blocks meet; of these inputs no verdict differs by it.
INPUTS = {
    "uniform": lambda: uniform(1, 30_021),
    "long uniform": lambda: uniform(5, 1_000_000),
    "biased": lambda: too_many_ones(3, 30_004),
    "sticky": lambda: sticky(4, 30_004),
    "zeros": lambda: bytes(7_504),
    "no block": lambda: uniform(6, 2_503),
    "a block": lambda: uniform(6, 2_504),
    "no word": lambda: b"abc",
    "empty": lambda: b"",
}
OPTIONS = (
    [], ["-c", "1"], ["-c", "5"], ["-b", "4"], ["-p"], ["-p", "-c", "3"], ["--blockcount=2"],
    ["--blockstats=3", "--pipe"],
)
# Of the counter by the standard, and by Debian.
COUNTER_POKER = 262
DEBIAN_COUNTER_POKER = 119


def lines(answer):
    """The lines of the program without its banner; speeds and times are masked."""
    told = [line for line in answer.errors.splitlines() if line.startswith("rngtest: ")]
    told = [re.sub(r"(speed: ).*", r"\1...", line) for line in told]
    return [re.sub(r"(run time: )\d+", r"\1...", line) for line in told]


def check(run):
    debian = fetched("rngtest")
    data = {name: make() for name, make in INPUTS.items()}

    def compare(case):
        name, words = case
        theirs = ask(debian, *words, data=data[name])
        ours = run.ask("rngtest", *words, data=data[name])
        place = f"{name}, {' '.join(words) or 'no options'}"
        faults = []
        if ours.status != theirs.status:
            faults.append(f"{place}: exit status {ours.status}, expected {theirs.status}")
        if ours.output != theirs.output:
            faults.append(f"{place}: {len(ours.output)} bytes put out, not the {len(theirs.output)} expected")
        mine, expected = lines(ours), lines(theirs)
        if mine != expected:
            pairs = [f"'{a}' for '{b}'" for a, b in zip(mine, expected) if a != b]
            faults.append(f"{place}: {len(mine)} lines, expected {len(expected)}; {'; '.join(pairs[:3])}")
        return faults

    cases = [(name, words) for name in data for words in OPTIONS]
    faults = [fault for found in side_by_side(compare, cases) for fault in found]
    run.claim_none(
        "rngtest", f"lines, output and exit status of {len(cases)} calls, {len(data)} inputs, as Debian's", faults
    )

    def poker(answer):
        found = re.search(r"Poker: (\d+)", answer.errors)
        return int(found[1]) if found else None

    content = counter(1_000_000)
    ours, theirs = poker(run.ask("rngtest", data=content)), poker(ask(debian, data=content))
    run.claim(
        "rngtest counter", (ours, theirs) == (COUNTER_POKER, DEBIAN_COUNTER_POKER),
        f"{ours} poker failures as the standard counts, expected {COUNTER_POKER}; Debian's miscount has {theirs}",
    )
    wrong = [["-c", "x"], ["--blockcount=-1"], ["--nothing"], ["-p", "-p", "file"]]
    statuses = [(ask(debian, *words).status, run.ask("rngtest", *words).status) for words in wrong]
    run.claim_none(
        "rngtest refusals", f"exit status 10 of {len(wrong)} wrong command lines, as Debian's",
        [f"{words}: {ours}, Debian {theirs}" for words, (theirs, ours) in zip(wrong, statuses) if ours != theirs],
    )
