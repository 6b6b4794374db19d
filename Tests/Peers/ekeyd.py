#!/usr/bin/env python3
# Debian's ekeyd-egd-linux feeds from us over TCP: what it would credit the kernel with, against the tap's record.
# SPDX-License-Identifier: Apache-2.0
import os
import re

from support import Scenario, TestServer, Verdict, compiled, fetched, programs, HERE

# Rounds of the client; each asks for 4 blocks of 128 bytes.
ROUNDS = 25
SHANNONS = 7

folder = programs()
with Scenario("ekeyd-egd-linux") as s:
    client = fetched("ekeyd") / "ekeyd-egd-linux"
    preload = compiled(s, HERE / "pollout.c", "pollout.so", "-shared", "-fPIC")
    server = TestServer(s, folder, "server", ["--tcp", "127.0.0.1:0"])
    host, port = server.addresses[0]
    feeder = s.start(
        "ekeyd-egd-linux",
        [client, "-H", host, "-p", port, "-b", 4, "-S", SHANNONS, "-r", 1],
        env={**os.environ, "LD_PRELOAD": str(preload), "POLLOUT_TIMES": str(ROUNDS)},
    )
    feeder.wait_line("^POLLOUT is over")
    credited = [
        (int(match[1]), bytes.fromhex(match[2]))
        for match in (re.search("RNDADDENTROPY bits=(-?[0-9]+) bytes=([0-9a-f]*)", line) for line in feeder.lines)
        if match
    ]
    feeder.end()
    end = server.end()
    given = b"".join(data for _, data in credited)
    s.note(f"{len(credited)} calls of RNDADDENTROPY, {len(given)} bytes, {sum(bits for bits, _ in credited)} bits")
    s.claim(f"it got {ROUNDS} rounds of 512 bytes", len(given) == ROUNDS * 512)
    verdict = Verdict(server.pieces(), [given])
    verdict.claim(s, "the kernel's interface")
    s.claim(
        f"none is missing: {verdict.taken_bytes} bytes left the tap, {end['delivered']} were delivered, {end['lost']} lost",
        verdict.missing_bytes == 0 and end["delivered"] == len(given) and end["lost"] == 0,
    )
    s.claim(
        f"each call claims {SHANNONS} bits per byte, as it was told",
        all(bits == SHANNONS * len(data) for bits, data in credited),
    )
    s.claim("the bytes came in the tap's order", given == b"".join(
        word.to_bytes(8, "big") for word in range(1, len(given) // 8 + 1)))
