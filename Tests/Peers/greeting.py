#!/usr/bin/env python3
# A virtual machine survives five restarts of the daemon, whose listener greets with 64 bytes.
# SPDX-License-Identifier: Apache-2.0
import signal

from support import Daemon, Guest, Scenario, egd_backend, programs, repeated_pieces

# Milliseconds; QEMU connects again after 1 s.
LIMIT = 20_000

folder = programs()
with Scenario("restarts with a greeting") as s:
    daemon = Daemon(s, folder, "daemon", egd="mode: '0666', greeting: 64").start()
    guest = Guest(s, "guest", egd_backend(daemon.socket("egd"), reconnect=1))
    guest.await_boot()
    received = [guest.read(1024).data]
    s.claim("the guest reads before any restart", len(received[0]) == 1024)
    # The two states in which a restart can find QEMU: with a request open, which it loses, and with none.
    # One end is a crash.
    for number, (asks, end) in enumerate(
        [(True, signal.SIGTERM), (False, signal.SIGTERM), (True, signal.SIGKILL), (False, signal.SIGINT),
         (True, signal.SIGTERM)], 1
    ):
        daemon.end(end)
        if asks:
            guest.ask(1024, LIMIT)
        daemon.start()
        if not asks:
            guest.ask(1024, LIMIT)
        reading = guest.take()
        received.append(reading.data)
        s.claim(
            f"after restart {number} ({end.name}, {'a' if asks else 'no'} request open) it reads again: {reading}",
            len(reading.data) == 1024,
        )
    repeats = repeated_pieces(received)
    s.claim(f"no 16-byte piece came twice over all six daemons ({repeats} did)", repeats == 0)
