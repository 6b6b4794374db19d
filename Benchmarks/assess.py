#!/usr/bin/env python3
# Measures the assessment: time and memory of each suite, against rngtest and ent in the same run.
# SPDX-License-Identifier: Apache-2.0
"""Usage: assess.py BINARY_FOLDER WORK_FOLDER RUNS [PATTERN]

Prints Markdown rows: the case, what was measured as median (min-max) of RUNS runs, and where a peer
runs beside it, the peer's figure and the ratio of the medians. WORK_FOLDER holds the program `spent`.
"""
import os
import re
import statistics
import subprocess
import sys

BIN, WORK, RUNS = sys.argv[1], sys.argv[2], int(sys.argv[3])
PATTERN = re.compile(sys.argv[4] if len(sys.argv) > 4 else "")
WELLSPRING = os.path.join(BIN, "wellspring")


def spent(command, stdin=None):
    """CPU seconds, wall seconds, peak MiB of one run. A test that fails is a result, too."""
    with open(stdin or os.devnull, "rb") as source:
        done = subprocess.run(
            [os.path.join(WORK, "spent"), *command],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    cpu, wall, kib = done.stdout.split()[-3:]
    return float(cpu), float(wall), float(kib) / 1024


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def row(name, command, stdin=None, peer=None, runs=RUNS):
    """One case. Peer and program take turns, so that both see the same machine."""
    if not PATTERN.search(name):
        return
    ours, theirs = [], []
    for _ in range(runs):
        ours.append(spent(command, stdin))
        if peer:
            theirs.append(spent(peer, stdin))
    cells = [name, spread([o[0] for o in ours], 3), spread([o[1] for o in ours], 3), spread([o[2] for o in ours], 0)]
    if peer:
        ratio = statistics.median(t[0] for t in theirs) / statistics.median(o[0] for o in ours)
        cells.append(f"{os.path.basename(peer[0])}: {spread([t[0] for t in theirs], 3)}, {ratio:.1f} times as much")
    else:
        cells.append("")
    print("| " + " | ".join(cells) + " |", flush=True)


def random_file(name, size, make=None):
    """A file of that size, made once: the system's random bytes, or what `make` makes of them."""
    path = os.path.join(WORK, name)
    if not os.path.exists(path):
        with open(path, "wb") as out:
            left = size
            while left > 0:
                block = os.urandom(min(left, 1 << 20))
                out.write(make(block) if make else block)
                left -= len(block)
    return path


MILLION = 1_000_000
ONE_BIT = bytes(i & 1 for i in range(256))
FETCH = os.path.join(os.path.dirname(__file__), "..", "Tests", "Guest", "fetch.sh")
rngtest = subprocess.run([FETCH, "rngtest"], stdout=subprocess.PIPE, check=True).stdout.decode().split()[-1] + "/rngtest"
symbols = random_file("symbols.bin", MILLION)
bits = random_file("bits.bin", MILLION, lambda block: block.translate(ONE_BIT))
doubled = os.path.join(WORK, "doubled.bin")
with open(doubled, "wb") as out:
    out.write(os.urandom(50_000) * 2)
slow = os.path.join(WORK, "slow.bin")
with open(slow, "wb") as out:
    # A bit that keeps its value three times of four: compresses better than any permutation of it.
    value, block = 0, bytearray()
    for byte in os.urandom(MILLION):
        value ^= byte & 3 == 0
        block.append(value)
    out.write(block)
matrix = random_file("matrix.bin", MILLION)
large = random_file("large.bin", 64 << 20)
streams = random_file("streams.bin", 12_500_000)
procedure = random_file("procedure.bin", 1_040_000)

print("| case | CPU s | wall s | peak MiB | peer, CPU s |\n|---|---|---|---|---|")
row("non-IID, 1,000,000 symbols of 8 bits", [WELLSPRING, "assess", symbols, "--json"])
row("non-IID, 1,000,000 bits", [WELLSPRING, "assess", bits, "--json"])
row("non-IID, 100,000 bytes, second half = first", [WELLSPRING, "assess", doubled, "--json"])
row("IID, a file that passes", [WELLSPRING, "assess", symbols, "--iid", "--json"], runs=min(RUNS, 3))
row("IID, bits that fail compression", [WELLSPRING, "assess", slow, "--iid", "--json"], runs=1)
row("restart tests alone", [WELLSPRING, "assess", "--restart", matrix, "--claim", "7", "--json"])
row("SP 800-22, 100 x 1,000,000 bits", [WELLSPRING, "assess", streams, "--suite", "sts", "--json"])
row("AIS 31, procedures A and B", [WELLSPRING, "assess", procedure, "--suite", "ais31", "--json"])
row("rngtest, 64 MiB", [WELLSPRING, "rngtest"], stdin=large, peer=[rngtest])
row("ent, 64 MiB", [WELLSPRING, "ent", large], peer=["/usr/bin/ent", large])
row("ent -b, 64 MiB", [WELLSPRING, "ent", "-b", large], peer=["/usr/bin/ent", "-b", large])
row("non-IID, 10,000,000 symbols", [WELLSPRING, "assess", random_file("ten.bin", 10 * MILLION), "--json"], runs=1)
row("non-IID, 100,000,000 symbols", [WELLSPRING, "assess", random_file("hundred.bin", 100 * MILLION), "--json"], runs=1)
