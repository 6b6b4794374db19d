#!/usr/bin/env python3
# HAProxy before two daemons on TCP, one of which is killed and comes back: its clients read on, fairly, and no byte comes twice.
# SPDX-License-Identifier: Apache-2.0
import signal
import socket
import threading

from support import Daemon, EGDConnection, Scenario, fetched, programs, repeated_pieces, until

CLIENTS = 20
# Bytes of one reply; replies after which a client connects anew, as a pool of them would.
REPLY = 32
REPLIES_PER_CONNECTION = 20
# Bytes that every client has got before the next thing happens.
STEP = 2048

CONFIGURATION = """
global
    maxconn 200

defaults
    mode tcp
    timeout connect 2s
    timeout client 5m
    timeout server 5m
    retries 3
    option redispatch 1

listen egd
    bind fd@{listener}
    balance leastconn
    default-server check inter 250ms fall 1 rise 1 on-marked-down shutdown-sessions
    server one {one}
    server two {two}
"""


class Client(threading.Thread):
    """Reads until told to stop; what it counts and keeps are whole replies."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address = address
        self.data = []
        self.breaks = 0
        self.stopping = False
        self.failure = None

    @property
    def received(self):
        return len(self.data) * REPLY

    def run(self):
        while not self.stopping:
            try:
                connection = EGDConnection(self.address)
                try:
                    for _ in range(REPLIES_PER_CONNECTION):
                        if self.stopping:
                            break
                        self.data.append(connection.read(REPLY))
                finally:
                    connection.close()
            except ConnectionError:
                self.breaks += 1
            except OSError as error:
                self.failure = error
                return


folder = programs()
with Scenario("HAProxy before two daemons") as s:
    haproxy = fetched("haproxy")
    # The first comes back on the port that HAProxy knows, which this socket keeps from everybody else.
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(("127.0.0.1", 0))
    ports = (reserved.getsockname()[1], 0)
    daemons = [
        Daemon(s, folder, name, rack=f"address: '127.0.0.1:{port}'").start()
        for name, port in zip(("one", "two"), ports)
    ]
    places = [":".join(map(str, daemon.address("rack"))) for daemon in daemons]
    s.note(f"the daemons' status says {places[0]} and {places[1]}")
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    configuration = s.file("haproxy.cfg")
    configuration.write_text(
        CONFIGURATION.format(
            listener=listener.fileno(), one=places[0], two=places[1]
        )
    )
    # In the foreground, as one process: -db.
    balancer = s.start(
        "haproxy",
        [haproxy / "loader", "usr/sbin/haproxy", "-db", "-f", configuration],
        pass_fds=[listener.fileno()],
    )
    address = listener.getsockname()
    listener.close()
    clients = [Client(address) for _ in range(CLIENTS)]
    for client in clients:
        client.start()

    def delivered(daemon):
        return sum(item["deliveredBytes"] for item in daemon.status()["listeners"])

    def everyone_gets(more):
        """Whether each client gets so many bytes more."""
        goals = [client.received + more for client in clients]
        return until(lambda: all(c.received >= goal for c, goal in zip(clients, goals)))

    s.claim("every client reads, with both daemons", everyone_gets(STEP))
    s.claim("both daemons serve", all(delivered(daemon) > 0 for daemon in daemons))
    daemons[0].end(signal.SIGKILL)
    s.claim("every client reads on after one daemon was killed", everyone_gets(STEP))
    daemons[0].start()
    s.claim("the daemon that came back serves again", until(lambda: delivered(daemons[0]) > 0))
    s.claim("every client reads on", everyone_gets(STEP))
    for client in clients:
        client.stopping = True
    for client in clients:
        client.join(60)
    shares = [client.received for client in clients]
    mean = sum(shares) / len(shares)
    breaks = sum(client.breaks for client in clients)
    s.note(
        f"{sum(shares)} bytes for {CLIENTS} clients: {min(shares)} to {max(shares)}, mean {mean:.0f}; "
        f"{breaks} connections broke and were made anew"
    )
    s.claim("no client failed", all(c.failure is None and not c.is_alive() for c in clients))
    s.claim("connections broke when the daemon was killed, and only then", 0 < breaks <= 3 * CLIENTS)
    s.claim("fair shares: the least is at least half of the mean", min(shares) >= mean / 2)
    repeats = repeated_pieces([data for client in clients for data in client.data])
    s.claim(f"no 16-byte piece came twice over both daemons and both lives of one ({repeats} did)", repeats == 0)
    s.claim("HAProxy runs on", balancer.is_running)
