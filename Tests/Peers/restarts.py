#!/usr/bin/env python3
# Virtual machines on the real daemon, and what a restart of it does to a machine without the greeting.
# SPDX-License-Identifier: Apache-2.0
from support import Daemon, Guest, Scenario, egd_backend, programs, repeated_pieces, until

KIB = 1024

folder = programs()
with Scenario("virtual machines on the daemon") as s:
    daemon = Daemon(s, folder, "daemon", egd="mode: '0666'").start()
    backend = egd_backend(daemon.socket("egd"), reconnect=1)
    guests = [Guest(s, f"guest{number}", backend) for number in (1, 2)]
    for guest in guests:
        guest.await_boot()
    for guest in guests:
        guest.ask(16 * KIB)
    readings = [guest.take() for guest in guests]
    for guest, reading in zip(guests, readings):
        s.note(f"{guest.name}: {reading}")
    s.claim(
        "two guests read full-entropy bytes at once",
        all(len(reading.data) == 16 * KIB for reading in readings),
    )
    repeats = repeated_pieces([reading.data for reading in readings])
    s.claim(f"no 16-byte piece came twice, in one guest or in both ({repeats} did)", repeats == 0)

    def connections():
        return sum(listener["connections"] for listener in daemon.status()["listeners"])

    guests[1].process.end()
    # QEMU's hole: what it asks for while it has no connection, it never asks for again.
    daemon.end()
    guests[0].ask(256, milliseconds=8000)
    daemon.start()
    s.claim("QEMU connects again by itself", until(lambda: connections() > 0, limit=20))
    dead = guests[0].take()
    s.claim(
        f"without a greeting the guest's device is dead after a restart: {len(dead.data)} bytes "
        f"that lay ready in it, then none for {dead.longest / 1000:.1f} s",
        # None where the guest's own hwrng thread was first.
        len(dead.data) in (0, 64) and dead.longest > 7000,
    )
    s.claim("and QEMU and the guest say nothing of it", guests[0].process.is_running)
