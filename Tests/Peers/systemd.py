#!/usr/bin/env python3
# Our units under a real systemd, as process 1 of name spaces of its own: what survives a restart of the service, and what a stop ends.
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import subprocess
import sys

from support import HERE, EGDConnection, Failed, Guest, Scenario, egd_backend, programs, until

SYSTEMD = "/usr/lib/systemd/systemd"
RESTARTS = 3
CONFIGURATION = """
listeners:
  egd: {path: /run/wellspring/egd.sock, mode: "0666"}
  drbg: {path: /run/wellspring/drbg.sock}
  slow: {path: /run/wellspring/slow.sock, mode: "0666", client-rate: 100}
"""
# Users, state and units are those of the name space. The service's own options stay as they are.
INSIDE = """
set -e
echo $$ >"$3/cgroup.procs"
exec unshare --cgroup bash -ec '
    mount -t tmpfs -o mode=755 tmpfs /run
    mkdir -p /run/prefix/bin /run/units /run/etc
    cp "$1/wellspring" "$1/wellspring-feeder" /run/prefix/bin/
    for unit in "$2"/*.service "$2"/*.socket; do
        sed "s#@PREFIX@#/run/prefix#g" "$unit" >"/run/units/${unit##*/}"
    done
    # Nothing else of the machine is started.
    for target in basic sysinit sockets multi-user shutdown; do
        printf "[Unit]\\nDefaultDependencies=no\\n" >"/run/units/$target.target"
    done
    cp -a /etc/. /run/etc
    mkdir -p /run/etc/wellspring
    cp "$4" /run/etc/wellspring/wellspring.yaml
    if ! getent passwd wellspring >/dev/null; then
        echo "wellspring:x:64001:64001::/:/bin/false" >>/run/etc/passwd
        echo "wellspring:x:64001:" >>/run/etc/group
    fi
    mount --bind /run/etc /etc
    mount -t tmpfs tmpfs /var
    mkdir -m 1777 /var/tmp
    mount -t tmpfs -o mode=1777 tmpfs /tmp
    ip link set lo up
    umount "$5"
    if [ "$6" = 2 ]; then
        mount -t cgroup2 cgroup2 "$5"
    else
        mount -t cgroup -o none,name=systemd cgroup "$5"
    fi
    exec env -i PATH="$PATH" container=other SYSTEMD_UNIT_PATH=/run/units SYSTEMD_LOG_LEVEL=notice \
        '"$0"' --system --unit=basic.target --log-target=console --show-status=no
' "$0" "$@"
"""


def skip(reason):
    """Where it cannot be shown; everywhere else, and in the gate, it must be."""
    print(f"SKIP systemd: {reason}", flush=True)
    sys.exit(1 if os.environ.get("CI") else 0)


def hierarchy():
    """Where systemd's control groups are, which version, and the group that this process is in."""
    for line in open("/proc/self/cgroup"):
        _, controllers, path = line.rstrip("\n").split(":", 2)
        for wanted, place, version in (("name=systemd", "/sys/fs/cgroup/systemd", 1), ("", "/sys/fs/cgroup", 2)):
            if controllers == wanted and os.path.exists(f"{place}/cgroup.procs"):
                return place, version, pathlib.Path(place + path)
    skip("there are no control groups that it could use")


def remove_groups(top):
    """The kernel's folders, empty once the processes are gone."""
    def gone():
        for folder, _, _ in os.walk(top, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                return False
        return True
    until(gone, limit=10)


class Manager:
    """systemd in its name spaces, and what is asked of it."""

    def __init__(self, scenario, folder):
        place, version, mine = hierarchy()
        group = mine / scenario.folder.name
        try:
            group.mkdir()
        except OSError as error:
            skip(f"no control group can be made: {error}")
        scenario.cleanup(remove_groups, group)
        configuration = scenario.file("wellspring.yaml")
        configuration.write_text(CONFIGURATION)
        self.process = scenario.start(
            "systemd",
            ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--mount", "--uts", "--ipc", "--net",
             "--propagation", "private", "bash", "-c", INSIDE, SYSTEMD,
             folder, HERE.parent.parent / "Packaging" / "systemd", group, configuration, place, version],
        )
        parent = self.process.child.pid
        children = pathlib.Path(f"/proc/{parent}/task/{parent}/children")
        if not until(lambda: len(children.read_text().split()) == 1, limit=20):
            raise Failed("there are no name spaces")
        self.leader = int(children.read_text())
        self.root = pathlib.Path(f"/proc/{self.leader}/root")
        if not until(lambda: self.call("is-active", "basic.target").stdout.strip() == "active", limit=20):
            raise Failed(f"systemd does not start: {' | '.join(self.process.lines[-3:])}")

    def call(self, *words):
        words = ["nsenter", "-t", self.leader, "-a", "systemctl", *words]
        return subprocess.run(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def show(self, name):
        return self.call("show", "wellspring.service", "-P", name).stdout.strip()

    def path(self, listener):
        return self.root / "run/wellspring" / f"{listener}.sock"

    def connect(self, listener):
        return EGDConnection(self.path(listener))


def restarts(s, manager, connection, more=lambda: True):
    for number in range(1, RESTARTS + 1):
        before = manager.show("MainPID")
        done = manager.call("restart", "wellspring.service")
        s.claim(f"restart {number} of the service works {done.stdout}", done.returncode == 0)
        s.claim(
            "with another process, old and new connections, and nothing left in the store",
            manager.show("MainPID") != before
            and len(connection.read(32)) == 32
            and len(manager.connect("egd").read(32)) == 32
            and len(manager.connect("drbg").read(32)) == 32
            and manager.show("NFileDescriptorStore") == "0"
            and more(),
        )


folder = programs()
if os.getuid() != 0 or not os.access(SYSTEMD, os.X_OK):
    skip(f"it needs root and {SYSTEMD}")
with Scenario("systemd") as s:
    manager = Manager(s, folder)
    done = manager.call("start", "wellspring.service")
    s.claim(
        f"the service starts with all its restrictions {done.stdout}",
        done.returncode == 0 and manager.show("ActiveState") == "active",
    )
    # No reconnect: a connection that breaks once is gone.
    guest = Guest(s, "guest", egd_backend(manager.path("egd")))
    guest.await_boot()
    old, halfway, slow = (manager.connect(listener) for listener in ("egd", "drbg", "slow"))
    halfway.socket.sendall(b"\2")
    slow.read(255)
    # Open for seconds from here, as its rate is used up.
    slow.socket.sendall(bytes([2, 255]) * RESTARTS)
    slow.socket.settimeout(20)

    def more():
        data = b""
        while len(data) < 255 and (piece := slow.socket.recv(255 - len(data))):
            data += piece
        reading = guest.read(1024)
        s.note(f"the guest: {reading}; of the request that was open came {len(data)} bytes")
        return len(data) == 255 and len(reading.data) == 1024

    restarts(s, manager, old, more)
    halfway.socket.sendall(bytes([16]))
    s.claim("a command that came in half before the restarts is served", len(halfway.socket.recv(16)) == 16)
    manager.call("stop", "wellspring.service")
    s.claim("a stop closes the connections", old.socket.recv(1) == b"")

    sockets = ["wellspring-egd.socket", "wellspring-drbg.socket"]
    manager.call("start", *sockets)
    s.claim("with the socket units the service is down at first", manager.show("MainPID") == "0")
    first = manager.connect("egd")
    s.claim("the first client starts it and is served", len(first.read(32)) == 32)
    restarts(s, manager, first)
    manager.call("stop", "wellspring.service")
    s.claim("after a stop the sockets are there, and start it again", len(manager.connect("egd").read(32)) == 32)
    manager.call("stop", *sockets, "wellspring.service")
    refused = False
    try:
        manager.connect("egd")
    except (ConnectionRefusedError, FileNotFoundError):
        refused = True
    s.claim("when all three are stopped nobody serves", refused and manager.show("MainPID") == "0")
