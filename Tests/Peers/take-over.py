#!/usr/bin/env python3
# A virtual machine reads on while daemons take over from one another, without a greeting and without a reconnect.
# SPDX-License-Identifier: Apache-2.0
import os

from support import Daemon, Guest, Scenario, egd_backend, programs, repeated_pieces, until

KIB = 1024
TIMES = 5

folder = programs()
with Scenario("take-over of sockets") as s:
    silence = s.file("silence")
    os.mkfifo(silence)
    daemon = Daemon(
        s, folder, "daemon", f"sources:\n  silent: {{type: stream, path: {silence}, claim: 1}}",
        egd="mode: '0666'",
    ).start()
    # No reconnect: a connection that breaks once is gone.
    guest = Guest(s, "guest", egd_backend(daemon.socket("egd")))
    guest.await_boot()

    def take_over():
        former = daemon.process
        daemon.start("--take-over")
        s.claim("a daemon handed over and ended in order", former.child.wait(30) == 0)

    # An open request for certain: this daemon never has a byte.
    guest.ask(1024)
    s.claim(
        "the guest waits at a daemon without entropy",
        until(lambda: sum(item["waitingClients"] for item in daemon.status()["listeners"]) == 1),
    )
    daemon.configure(egd="mode: '0666'")
    take_over()
    received = [guest.take()]
    s.claim(f"its open request is answered by the next: {received[0]}", len(received[0].data) == 1024)
    # And in the middle of reading more than a reservoir holds.
    for _ in range(TIMES):
        guest.ask(80 * KIB)
        take_over()
        received.append(guest.take())
        s.claim(f"the guest reads on: {received[-1]}", len(received[-1].data) == 80 * KIB)
    repeats = repeated_pieces([reading.data for reading in received])
    s.claim(f"no 16-byte piece came twice ({repeats} did)", repeats == 0)
