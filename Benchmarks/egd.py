#!/usr/bin/env python3
# Measures the EGD server against the cheapest server that one thread can be, and prints Markdown rows.
# SPDX-License-Identifier: Apache-2.0
"""egd.py BINARY_FOLDER TOOL_FOLDER [RUNS]

TOOL_FOLDER holds egdload and egdlimit. Every figure is the median of RUNS runs (default 5) with its spread. Where a
limit is given, server and limit are measured in turn, and the ratio is taken pair by pair: these machines are noisy.
"""

import contextlib
import json
import os
import pwd
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

programs, tools = sys.argv[1], sys.argv[2]
runs = int(sys.argv[3]) if len(sys.argv) > 3 else 5
seconds = "2"
wanted_descriptors = 11_000


def row(what, figure):
    print(f"| {what} | {figure} |", flush=True)


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def load(target, *options, server=None, wait=True):
    """egdload's JSON; without `wait` the running process."""
    command = [f"{tools}/egdload", *target, "-j", *options]
    if server is not None:
        command += ["-P", str(server)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    return json.loads(process.communicate()[0]) if wait else process


def cost(target, server, *options):
    return load(target, *options, "-d", seconds, server=server)["servers"][0]["us_per_request"]


@contextlib.contextmanager
def daemon(folder, threads=1):
    run = f"{folder}/run"
    os.makedirs(run, exist_ok=True)
    if os.geteuid() == 0:
        # The daemon becomes another user, who must reach the folder of its sockets.
        os.chmod(folder, 0o755)
        os.chown(run, pwd.getpwnam("nobody").pw_uid, -1)
    with open(f"{folder}/wellspring.yaml", "w") as file:
        file.write(f"""
user: nobody
listeners:
  egd: {{path: {run}/egd.sock, mode: "0666", max-connections: 20000}}
  drbg: {{path: {run}/drbg.sock, mode: "0666", max-connections: 20000}}
  rack: {{address: "127.0.0.1:0", quality: drbg}}
control: {{path: {run}/control.sock}}
server: {{threads: {threads}}}
""")
    process = subprocess.Popen(
        [f"{programs}/wellspring", "run", "--no-feeder", "--config", f"{folder}/wellspring.yaml"],
        stderr=subprocess.DEVNULL,
        env=os.environ | {"SWIFT_BACKTRACE": "enable=no"},
    )
    try:
        yield process.pid, run, port(run)
    finally:
        process.terminate()
        process.wait()


def port(run):
    """Waits until the generator is seeded; the address of the TCP listener."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = subprocess.run(
            [f"{programs}/wellspring", "status", "--json", "--socket", f"{run}/control.sock"], capture_output=True
        )
        if answer.stdout:
            status = json.loads(answer.stdout)
            if status["drbg"]["seeded"] and status["reservoir"]["levelBytes"] > 60_000:
                return next(l["path"] for l in status["listeners"] if l["name"] == "rack")
        time.sleep(0.1)
    sys.exit("egd.py: the daemon does not come up")


@contextlib.contextmanager
def limit(*address):
    process = subprocess.Popen([f"{tools}/egdlimit", "-q", *address], stdout=subprocess.DEVNULL)
    try:
        time.sleep(0.3)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def paired(what, server, server_target, other, other_target, *options):
    pairs = [
        (cost(server_target, server, *options), cost(other_target, other, *options)) for _ in range(max(runs, 5))
    ]
    row(
        f"EGD, {what}: server CPU per request, us",
        f"{spread([a for a, _ in pairs])}; limit {spread([b for _, b in pairs])}; "
        f"ratio {spread([a / b for a, b in pairs])}",
    )


def resident(process):
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def idle_connections(process, run, count=10_000):
    """Each asks once and then is silent."""
    before = resident(process)
    clients = []
    for _ in range(count):
        client = socket.socket(socket.AF_UNIX)
        client.connect(f"{run}/drbg.sock")
        client.sendall(b"\2\x20")
        client.recv(32, socket.MSG_WAITALL)
        clients.append(client)
    after = resident(process)
    row(
        f"EGD, {count} idle connections that asked once: memory above the idle daemon, MiB",
        f"{after - before:.1f} ({before:.1f} before, {after:.1f} with them)",
    )
    for client in clients:
        client.close()


def starved(run):
    """256 clients wait for full entropy that comes slower than they ask, while 16 read from the generator."""
    losses, waits = [], []
    for _ in range(runs):
        # By itself: the noise that the sources give, and with it all waits, falls when others work.
        queue = load(["-u", f"{run}/egd.sock"], "-c", "256", "-s", "255", "-w", "2", "-d", "5")["latency_us"]
        waits.append(queue["max"] / queue["mean"])
    drbg = ["-u", f"{run}/drbg.sock"]
    for _ in range(max(runs, 9)):
        alone = load(drbg, "-c", "16", "-d", seconds)["requests_per_s"]
        queue = load(["-u", f"{run}/egd.sock"], "-c", "256", "-s", "255", "-w", "2", "-d", "6", wait=False)
        time.sleep(3)
        beside = load(drbg, "-c", "16", "-d", seconds)["requests_per_s"]
        queue.communicate()
        again = load(drbg, "-c", "16", "-d", seconds)["requests_per_s"]
        # The machine itself drifts: what stands before and after is the comparison.
        losses.append(100 * (1 - beside / ((alone + again) / 2)))
    row("EGD, 16 drbg clients beside 256 that starve for full entropy: loss of rate, %", spread(losses, 1))
    row("EGD, longest over mean wait of 256 equal clients that starve", spread(waits))


def several_loops(folder):
    for threads in (1, 2):
        rates = []
        with daemon(f"{folder}/threads-{threads}", threads) as (_, run, _):
            target = ["-u", f"{run}/drbg.sock"]
            for _ in range(runs):
                others = load(target, "-c", "128", "-d", seconds, wait=False)
                one = load(target, "-c", "128", "-d", seconds)["requests_per_s"]
                rates.append((one + json.loads(others.communicate()[0])["requests_per_s"]) / 1000)
        row(
            f"EGD, {threads} thread{'s' if threads > 1 else ''}, two generators with 128 connections each: thousand requests per s",
            spread(rates, 0),
        )


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    with tempfile.TemporaryDirectory(prefix="wellspring-egd.") as folder:
        with daemon(folder) as (process, run, address), limit("-u", f"{folder}/limit.sock") as other:
            ours, theirs = ["-u", f"{run}/drbg.sock"], ["-u", f"{folder}/limit.sock"]
            paired("Unix, 16 connections, 32 B", process, ours, other, theirs, "-c", "16", "-s", "32")
            paired("Unix, 256 connections, 255 B", process, ours, other, theirs, "-c", "256", "-s", "255")
            paired("Unix, 16 connections, 32 B, 16 deep", process, ours, other, theirs, "-c", "16", "-s", "32", "-p", "16")
            number = free_port()
            with limit("-t", f"127.0.0.1:{number}") as tcp:
                paired(
                    "TCP loopback, 16 connections, 32 B",
                    process, ["-t", address], tcp, ["-t", f"127.0.0.1:{number}"], "-c", "16", "-s", "32",
                )
            starved(run)
            if hard >= wanted_descriptors:
                idle_connections(process, run)
            else:
                print(f"egd.py: RLIMIT_NOFILE is {hard}: 10,000 connections were not tried", file=sys.stderr)
        several_loops(folder)


main()
