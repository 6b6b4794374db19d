#!/usr/bin/env python3
# What an Entropy Key costs, and whether frames are lost under load: an emulated key at its full rate, prints Markdown.
# SPDX-License-Identifier: Apache-2.0
#
#   Benchmarks/key.py [BINARY_FOLDER]     default .build/release; SECONDS=60 of CPU measurement, LOAD=300 under load
#
# Needs stress-ng for the load (scripts/setup.sh bench).
import base64
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SERIAL = "NwBvBlg3OTBJORFD"
bin = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".build/release").resolve()
quiet_seconds = int(os.environ.get("SECONDS", 60))
load_seconds = int(os.environ.get("LOAD", 300))
runs = int(os.environ.get("RUNS", 5))


def spread(values, digits=1):
    values = sorted(values)
    return f"{values[len(values) // 2]:.{digits}f} ({values[0]:.{digits}f}-{values[-1]:.{digits}f})"


def status(folder):
    done = subprocess.run(
        [bin / "wellspring", "status", "--socket", folder / "run/control.sock", "--json"], stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)


def key(folder):
    return next(s for s in status(folder)["sources"] if s["name"] == "entropy-key")


def measure(folder, pid, seconds):
    """Share of a processor in per cent, and the key's statistics at begin and end."""
    before, began = key(folder), time.monotonic()
    time.sleep(seconds)
    after, passed = key(folder), time.monotonic() - began
    share = 100 * (after["cpuSeconds"] - before["cpuSeconds"]) / passed
    return share, before["device"]["statistics"], after["device"]["statistics"], passed


folder = pathlib.Path(tempfile.mkdtemp(prefix="wellspring-bench."))
folder.chmod(0o755)
processes = []
try:
    (folder / "run").mkdir()
    keyring = folder / "keyring"
    keyring.write_text(f"{SERIAL} {base64.b64encode(bytes([7] * 32)).decode()}\n")
    keyring.chmod(0o600)
    (folder / "wellspring.yaml").write_text(
        f"sources:\n  entropy-key: {{path: {folder}/key, keyring: {keyring}}}\n"
        f"listeners:\n  egd: {{path: {folder}/run/egd.sock, quality: full-entropy}}\n"
        f"control: {{path: {folder}/run/control.sock}}\n"
    )
    if os.getuid() == 0:
        shutil.chown(folder / "run", "nobody")
    emulator = subprocess.Popen(
        [bin / "entropy-key-emulator", "pty", folder / "key"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    processes.append(emulator)
    emulator.stdout.readline()
    os.chmod(folder / "key", 0o666)
    daemon = subprocess.Popen(
        [bin / "wellspring", "run", "--no-feeder", "--config", folder / "wellspring.yaml"],
        stderr=subprocess.DEVNULL, env={**os.environ, "SWIFT_BACKTRACE": "enable=no"},
    )
    processes.append(daemon)
    deadline = time.monotonic() + 60
    while True:
        time.sleep(0.5)
        try:
            if key(folder)["device"]["state"] == "Running OK":
                break
        except (ValueError, KeyError, StopIteration):
            pass
        if time.monotonic() > deadline:
            sys.exit("the emulated key does not run")

    print("| figure | measured |\n|---|---|")
    rates = []
    for _ in range(runs):
        text = subprocess.run([bin / "entropy-key-emulator", "bench"], stdout=subprocess.PIPE, text=True).stdout
        rates.append(float(re.search(r"(\d+) MB/s", text)[1]))
    print(f"| frames decoded by one core, MB/s (a key sends 0.008) | {spread(rates, 0)} |", flush=True)

    shares = []
    for _ in range(runs):
        share, before, after, passed = measure(folder, daemon.pid, quiet_seconds / runs)
        shares.append(share)
    rate = (after["PacketOK"] - before["PacketOK"]) / passed
    print(f"| share of a core for one key at {rate:.0f} frames a second, per cent | {spread(shares, 2)} |", flush=True)

    if shutil.which("stress-ng") is None:
        sys.exit("stress-ng is missing: scripts/setup.sh bench")
    load = subprocess.Popen(
        ["stress-ng", "--cpu", str(os.cpu_count()), "--timeout", f"{load_seconds}s", "--quiet"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    processes.append(load)
    share, before, after, passed = measure(folder, daemon.pid, load_seconds - 1)
    lost = sum(after[name] - before[name] for name in ("SequenceGaps", "FramingErrors", "PacketErrors", "Replays"))
    print(
        f"| frames lost or damaged in {passed:.0f} s with all {os.cpu_count()} processors busy (stress-ng) | "
        f"{lost} of {after['PacketOK'] - before['PacketOK']} |"
    )
    print(f"| entropy meanwhile, bytes a second | {(after['TotalEntropy'] - before['TotalEntropy']) / passed:.0f} |")
    sys.exit(0 if lost == 0 else 1)
finally:
    for process in reversed(processes):
        process.send_signal(signal.SIGTERM)
    for process in processes:
        process.wait()
    shutil.rmtree(folder)
