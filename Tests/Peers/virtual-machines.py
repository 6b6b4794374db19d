#!/usr/bin/env python3
# Virtual machines, Debian's kernel on QEMU's rng-egd: every byte of /dev/hwrng against the tap's record, in plenty and in want.
# SPDX-License-Identifier: Apache-2.0
from support import Guest, Scenario, TestServer, Verdict, egd_backend, programs, until

KIB = 1024
COUNT = 512 * KIB

folder = programs()
with Scenario("virtual machines on the test server") as s:
    path = s.file("egd.sock")
    server = TestServer(s, folder, "server", ["--unix", path])
    guests = [Guest(s, f"guest{number}", egd_backend(path)) for number in (1, 2)]
    for guest in guests:
        guest.await_boot()
        s.note(f"{guest.name}: {guest.uptime} s from power-on to its first process's work")
    # Both at once.
    for guest in guests:
        guest.ask(COUNT)
    readings = [guest.take() for guest in guests]
    for guest, reading in zip(guests, readings):
        s.note(f"{guest.name}: {reading}")

    # Not all of the tap's bytes go to the reader: the kernel takes 64 when it finds the device, its own
    # hwrng thread 64 now and then (every second at first, then ever more rarely), and virtio-rng keeps
    # one request open ahead of any reader, which has been answered. So the guest counts, too: all
    # requests of its device that were answered, whoever made them.
    def accounted():
        answered = sum(guest.answered() for guest in guests)
        return answered == len(server.pieces())

    s.claim("each piece that left the tap has answered a request of a guest", until(accounted))
    pieces = server.pieces()
    verdict = Verdict(pieces, [reading.data for reading in readings])
    s.claim("both guests read all that they wanted", all(len(r.data) == COUNT for r in readings))
    verdict.claim(s, "the guests' readers")
    s.claim("QEMU asked for 64 bytes each time", all(count == 64 for _, count in pieces))
    s.claim(
        f"what the readers did not get went to their kernels in whole pieces ({len(verdict.missing)} of 64 bytes)",
        verdict.missing_bytes == 64 * len(verdict.missing)
        and verdict.taken_bytes == verdict.received_bytes + verdict.missing_bytes
        # One at start-up, one of the thread and one ready, each.
        and len(verdict.missing) >= 6,
    )
    s.claim("no wait for 64 bytes was longer than 5 s", max(r.longest for r in readings) < 5000)
    end = server.end()
    # The kernels' threads may have read on since.
    s.claim(
        f"the server counts what its tap's record says: {end['delivered']} bytes delivered, {end['lost']} lost",
        end["delivered"] == sum(count for _, count in server.pieces()) and end["lost"] == 0,
    )
    for guest in guests:
        guest.process.end()

    # 15 replies and 40 of the 64 bytes of the next.
    path = s.file("scarce.sock")
    scarce = TestServer(s, folder, "scarce", ["--unix", path], supply=1000)
    guest = Guest(s, "guest3", egd_backend(path))
    guest.await_boot()
    guest.ask(2048)
    s.claim(
        "a guest takes all of a server that has too little",
        until(lambda: sum(count for _, count in scarce.pieces()) == 1000),
    )
    s.claim("and waits, in the middle of a reply", not guest.has_spoken(0.5))
    scarce.supply(1 << 20)
    reading = guest.take()
    scarce.end()
    verdict = Verdict(scarce.pieces(), [reading.data])
    s.claim(f"until there is more: {reading}", len(reading.data) == 2048)
    verdict.claim(s, "its reader")
