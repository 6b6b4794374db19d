# What the scenarios share: claims, a folder, processes that never outlive the test, deadlines, the tap's record.
# SPDX-License-Identifier: Apache-2.0
import contextlib
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
FETCH = HERE.parent / "Guest" / "fetch.sh"
# Seconds. Only a failing test, or a very busy machine, waits so long.
PATIENCE = 60.0


class Failed(Exception):
    """The scenario cannot go on."""


class Process:
    """A program, its lines as they come, killed and reaped at the latest when the scenario ends."""

    def __init__(self, name, words, stdin=None, **options):
        self.name = name
        self.lines = []
        self._news = threading.Condition()
        self._ended = False
        self.child = subprocess.Popen(
            # Should this process be killed, so is the program.
            ["setpriv", "--pdeathsig", "KILL", "--", *map(str, words)],
            stdin=stdin if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **options,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.child.stdout:
            with self._news:
                self.lines.append(line.decode(errors="replace").rstrip("\r\n"))
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def wait_line(self, pattern, limit=PATIENCE, after=0):
        """The first line from number `after` on in which the pattern is found."""
        expression = re.compile(pattern)
        end = time.monotonic() + limit
        with self._news:
            while True:
                for line in self.lines[after:]:
                    if expression.search(line):
                        return line
                left = end - time.monotonic()
                if self._ended or left <= 0:
                    tail = " | ".join(self.lines[-5:])
                    raise Failed(f"{self.name} did not say '{pattern}'; its last words: {tail}")
                self._news.wait(left)

    def send(self, number):
        with contextlib.suppress(ProcessLookupError):
            self.child.send_signal(number)

    def end(self, number=signal.SIGTERM, limit=PATIENCE):
        """Sends the signal and waits for the end; the exit status."""
        self.send(number)
        try:
            status = self.child.wait(limit)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise Failed(f"{self.name} did not end on signal {number}")
        self._reader.join()
        return status

    @property
    def is_running(self):
        return self.child.poll() is None


def ended_from_outside(number, _):
    # timeout(1) sends it twice; the second must not interrupt the tidying.
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


class Scenario:
    """One scenario: `with Scenario(...) as s`, whose end prints what took how long and sets the exit status."""

    def __init__(self, title):
        self.title = title
        self.failures = 0
        self.processes = []
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        self.began = time.monotonic()
        signal.signal(signal.SIGTERM, ended_from_outside)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wellspring-peers."))
        # The daemon becomes another user, who must reach its sockets.
        self.folder.chmod(0o755)
        print(f"== {self.title}", flush=True)
        return self

    def __exit__(self, kind, error, trace):
        for process in reversed(self.processes):
            if process.is_running:
                process.child.kill()
            process.child.wait()
        self._stack.close()
        if isinstance(error, Failed):
            self.claim(str(error), False)
        if self.failures:
            self.show_logs()
        shutil.rmtree(self.folder)
        print(f"-- {self.title}: {time.monotonic() - self.began:.1f} s", flush=True)
        if kind is None or isinstance(error, Failed):
            sys.exit(1 if self.failures else 0)

    def claim(self, text, holds):
        if not holds:
            self.failures += 1
        print(f"{'PASS' if holds else 'FAIL'} {text}", flush=True)
        return holds

    def note(self, text):
        print(f"     {text}", flush=True)

    def show_logs(self):
        for process in self.processes:
            for line in process.lines[-8:]:
                print(f"     {process.name}: {line}", file=sys.stderr)

    def file(self, name):
        return self.folder / name

    def start(self, name, words, **options):
        process = Process(name, words, **options)
        self.processes.append(process)
        return process

    def cleanup(self, call, *arguments):
        self._stack.callback(call, *arguments)


def programs():
    """The folder with the built programs: the first argument of every scenario."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAMS, the folder with wellspring and egd-test-server")
    folder = pathlib.Path(sys.argv[1]).resolve()
    for name in ("wellspring", "wellspring-feeder", "egd-test-server"):
        if not os.access(folder / name, os.X_OK):
            sys.exit(f"{folder / name} is missing: run 'make build'")
    return folder


def fetched(what):
    """The cache folder of fetch.sh."""
    done = subprocess.run([FETCH, what], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{what} cannot be fetched")
    return pathlib.Path(done.stdout.strip())


def compiled(scenario, source, name, *flags):
    program = scenario.file(name)
    subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", *flags, "-o", program, source], check=True)
    return program


def internet_address(text):
    """(host, port) from "127.0.0.1:8888" or "[::1]:8888"."""
    host, port = text.rsplit(":", 1)
    return host.strip("[]"), int(port)


# The test server and its record


class TestServer:
    """egd-test-server with listeners that are words of its command line."""

    def __init__(self, scenario, folder, name, listeners, first_word=1, supply=None):
        self.record = scenario.file(name + ".record")
        words = [folder / "egd-test-server", "--record", self.record, "--first-word", first_word]
        words += listeners
        if supply is not None:
            words += ["--supply", supply]
        self.process = scenario.start(name, words, stdin=subprocess.PIPE)
        # Behind it the addresses of TCP listeners, in order.
        words = self.process.wait_line("^ready").split()
        self.addresses = [internet_address(word) for word in words[1:]]

    def supply(self, count):
        self.process.child.stdin.write(b"supply %d\n" % count)
        self.process.child.stdin.flush()

    def pieces(self):
        """(position, count) of every piece that left the tap, in order."""
        return [tuple(map(int, line.split())) for line in self.record.read_text().splitlines()]

    def end(self):
        """Ends it; the sums over its listeners of what it delivered and lost."""
        self.process.end()
        sums = {}
        for line in self.process.lines:
            for key, value in re.findall(r"(\w+)=(\d+)", line):
                sums[key] = sums.get(key, 0) + int(value)
        return sums


def words_of(data):
    """The 8-byte numbers in a client's bytes, which the test takes in multiples of 8."""
    if len(data) % 8:
        raise Failed(f"{len(data)} bytes are no whole number of words")
    return [int.from_bytes(data[at : at + 8], "big") for at in range(0, len(data), 8)]


def words_taken(pieces):
    """The numbers that the record says have left the tap."""
    taken = set()
    for position, count in pieces:
        if position % 8 or count % 8:
            raise Failed(f"a piece of {count} bytes at {position} is no whole number of words")
        taken.update(range(position // 8, (position + count) // 8))
    return taken


class Verdict:
    """What clients got, held against what the record says."""

    def __init__(self, pieces, received):
        taken = words_taken(pieces)
        seen = set()
        self.twice = 0
        self.strangers = 0
        for data in received:
            for word in words_of(data):
                self.twice += word in seen
                self.strangers += word not in taken
                seen.add(word)
        missing = taken - seen
        # Pieces of the record that nobody got whole, in the record's order.
        self.missing = [
            (position, count)
            for position, count in pieces
            if not missing.isdisjoint(range(position // 8, (position + count) // 8))
        ]
        self.missing_bytes = 8 * len(missing)
        self.received_bytes = sum(map(len, received))
        self.taken_bytes = 8 * len(taken)

    def claim(self, scenario, who):
        scenario.claim(
            f"{who} got {self.received_bytes} bytes, each of them in the record "
            f"({self.strangers} are not)",
            self.strangers == 0 and self.received_bytes > 0,
        )
        scenario.claim(f"no 8-byte word came twice ({self.twice} did)", self.twice == 0)


# The daemon


class Daemon:
    """`wellspring run` with sockets of its own; start() may come again after end()."""

    def __init__(self, scenario, folder, name, settings=None, **listeners):
        """A listener is a line of YAML settings; "path" is added to it, but where it has an "address"."""
        self.scenario = scenario
        self.name = name
        self.program = folder / "wellspring"
        self.place = scenario.file(name)
        self.place.mkdir()
        if os.getuid() == 0:
            shutil.chown(self.place, "nobody")
        self.process = None
        self.configuration = scenario.file(name + ".yaml")
        self.configure(settings, **listeners)

    def configure(self, settings=None, **listeners):
        lines = ["user: nobody"] if os.getuid() == 0 else []
        lines += [f'control: {{path: {self.place}/control.sock, mode: "0666"}}', "listeners:"]
        for listener, text in listeners.items():
            place = text if "address:" in text else f"path: {self.socket(listener)}, {text}"
            lines.append(f'  {listener}: {{{place}}}')
        lines.append(settings or "sources:\n  jitter: {}")
        self.configuration.write_text("\n".join(lines) + "\n")

    def socket(self, listener):
        return self.place / f"{listener}.sock"

    def address(self, listener):
        """(host, port) of a TCP listener, as status shows it."""
        return internet_address(next(l["path"] for l in self.status()["listeners"] if l["name"] == listener))

    def start(self, *arguments):
        self.process = self.scenario.start(
            self.name,
            [self.program, "run", "--no-feeder", "--config", self.configuration, *arguments],
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no"},
        )
        # Its sockets are there before it says so.
        self.process.wait_line("wellspring is up")
        return self

    def end(self, number=signal.SIGTERM):
        status = self.process.end(number)
        self.scenario.processes.remove(self.process)
        return status

    def status(self):
        done = subprocess.run(
            [self.program, "status", "--socket", self.place / "control.sock", "--json"],
            stdout=subprocess.PIPE,
        )
        # 1 says that there are warnings, which is not the question here.
        if done.returncode not in (0, 1) or not done.stdout:
            raise Failed(f"the daemon {self.name} does not answer")
        return json.loads(done.stdout)


# A machine


class Guest:
    """A virtual machine whose first process is Guest/init.c and whose second serial line is our pipe."""

    def __init__(self, scenario, name, entropy):
        """`entropy`: QEMU options for an entropy device."""
        qemu = fetched("qemu")
        self.name = name
        if not hasattr(scenario, "initrd"):
            scenario.initrd = make_initrd(scenario, qemu)
        ours, theirs = socket.socketpair()
        self.line = ours
        self.line.settimeout(PATIENCE)
        self.buffer = b""
        self.process = scenario.start(
            name,
            [
                qemu / "loader", "usr/bin/qemu-system-x86_64",
                "-L", qemu / "root/usr/share/qemu", "-L", qemu / "root/usr/share/seabios",
                "-no-user-config", "-nodefaults", "-display", "none", "-monitor", "none", "-no-reboot",
                "-accel", "tcg,thread=single", "-machine", "pc", "-cpu", "max,rdrand=off,rdseed=off",
                "-m", "128", "-smp", "1", "-kernel", qemu / "vmlinuz", "-initrd", scenario.initrd,
                "-append",
                "console=ttyS0 rdinit=/init panic=-1 quiet random.trust_cpu=off",
                "-chardev", f"file,id=console,path={scenario.file(name + '.console')}",
                "-serial", "chardev:console",
                "-chardev", f"socket,id=line,fd={theirs.fileno()}", "-serial", "chardev:line",
                *entropy,
            ],
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    def _fill(self):
        try:
            data = self.line.recv(65536)
        except TimeoutError:
            raise Failed(f"the guest {self.name} says nothing any more")
        if not data:
            raise Failed(f"the guest {self.name} is gone: {' | '.join(self.process.lines[-3:])}")
        self.buffer += data

    def hear(self):
        """Its next line, as words."""
        while b"\n" not in self.buffer:
            self._fill()
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode(errors="replace").split()

    def has_spoken(self, seconds):
        """Whether it says anything within the time."""
        return bool(self.buffer) or bool(select.select([self.line], [], [], seconds)[0])

    def await_boot(self):
        words = self.hear()
        if words[:1] != ["ready"]:
            raise Failed(f"the guest {self.name} said {' '.join(words)}")
        self.uptime = float(words[1])

    def ask(self, count, milliseconds=60000):
        """Lets it read /dev/hwrng; the answer comes by take()."""
        self.line.sendall(b"read %d %d\n" % (count, milliseconds))

    def take(self):
        """A Reading of what was asked for."""
        words = self.hear()
        if words[0] != "read":
            raise Failed(f"the guest {self.name} said {' '.join(words)}")
        count = int(words[1])
        while len(self.buffer) < count:
            self._fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return Reading(data, int(words[2]) / 1e6, int(words[3]) / 1e3)

    def answered(self):
        """How many requests its device has answered, the kernel's own ones too."""
        self.line.sendall(b"answered\n")
        return int(self.hear()[1])

    def read(self, count, milliseconds=60000):
        self.ask(count, milliseconds)
        return self.take()


class Reading:
    """Bytes, the seconds that they took in the guest, and the longest wait for one read(2) in milliseconds."""

    def __init__(self, data, seconds, longest):
        self.data = data
        self.seconds = seconds
        self.longest = longest

    def __str__(self):
        rate = len(self.data) / max(self.seconds, 1e-6) / 1000
        return f"{len(self.data)} bytes in {self.seconds:.2f} s, {rate:.0f} kB/s, longest wait {self.longest:.0f} ms"


def egd_backend(path, reconnect=None):
    """QEMU options for an entropy device fed by the EGD server on a Unix socket."""
    chardev = f"socket,id=egd0,path={path}"
    if reconnect is not None:
        chardev += f",reconnect={reconnect}"
    return [
        "-chardev", chardev, "-object", "rng-egd,id=rng0,chardev=egd0",
        "-device", "virtio-rng-pci,rng=rng0",
    ]


def make_initrd(scenario, qemu):
    """A cpio archive (newc) with init and the modules."""
    init = compiled(scenario, HERE / "Guest" / "init.c", "init", "-static")
    files = [("init", init.read_bytes())]
    files += [(f"modules/{m.name}", m.read_bytes()) for m in sorted((qemu / "modules").iterdir())]
    entries = [("dev", 0o40755, b""), ("modules", 0o40755, b""), ("sys", 0o40755, b""), ("proc", 0o40755, b"")]
    entries += [(name, 0o100755, data) for name, data in files]
    entries.append(("TRAILER!!!", 0, b""))
    archive = b""
    for number, (name, mode, data) in enumerate(entries):
        label = name.encode() + b"\0"
        fields = [number + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(label), 0]
        archive += b"070701" + b"".join(b"%08x" % field for field in fields) + label
        archive += b"\0" * (-len(archive) % 4) + data
        archive += b"\0" * (-len(archive) % 4)
    path = scenario.file("initrd")
    path.write_bytes(archive)
    return path


def repeated_pieces(received, size=16):
    """How many aligned pieces of `size` random bytes stand more than once in what readers got."""
    seen = set()
    repeats = 0
    for data in received:
        for at in range(0, len(data) - size + 1, size):
            piece = data[at : at + size]
            repeats += piece in seen
            seen.add(piece)
    return repeats


# A client


class EGDConnection:
    """A client that asks by command 02 and gets whole replies."""

    def __init__(self, address):
        family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
        self.socket = socket.socket(family)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(address if isinstance(address, tuple) else str(address))

    def read(self, count):
        self.socket.sendall(bytes([2, count]))
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise ConnectionError("closed before a whole reply")
            data += piece
        return data

    def close(self):
        self.socket.close()


def until(condition, limit=PATIENCE, step=0.05):
    """Asks again and again what no event tells; whether it came true."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            return False
        select.select([], [], [], step)
    return True
