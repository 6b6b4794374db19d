#!/usr/bin/env python3
# Debian's ekeyd and ekey-setkey take our emulator for an Entropy Key; Wellspring and they share keys, keyring and configuration.
# SPDX-License-Identifier: Apache-2.0
import base64
import os
import re
import shutil
import socket
import subprocess
import time

from support import PATIENCE, Daemon, Failed, Scenario, fetched, programs

SERIAL = "NwBvBlg3OTBJORFD"
# The emulator's keys: no secrets.
LONG_TERM_KEY = bytes([7] * 32)
MASTER_KEY = bytes([0x4D] * 32)
# Bytes of one frame's plaintext.
FRAME = 32
# Bytes taken through ekeyd: more than two sessions, when a session begins at number 4000.
WANTED = 250 * FRAME


def crc8(data):
    """Polynomial 0x31, start 0xff."""
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x31) & 0xFF if crc & 0x80 else crc << 1
    return crc


CARD = base64.b64encode(MASTER_KEY + bytes([crc8(MASTER_KEY)])).decode()


class Emulator:
    def __init__(self, scenario, name, *options):
        self.link = scenario.file(name + ".tty")
        self.record = scenario.file(name + ".plain")
        words = [folder / "entropy-key-emulator", "pty", self.link, "--record", self.record, *options]
        self.process = scenario.start(name, words, stdin=subprocess.PIPE)
        self.process.wait_line("^ready")
        self.open_to_all()

    def open_to_all(self):
        if os.getuid() == 0:
            os.chmod(self.link, 0o666)

    def say(self, line):
        seen = len(self.process.lines)
        self.process.child.stdin.write(line.encode() + b"\n")
        self.process.child.stdin.flush()
        self.process.wait_line(f"^done {line}", after=seen)

    def end(self):
        self.process.child.stdin.close()
        self.process.child.wait(PATIENCE)
        return self.record.read_bytes()


class Ekeyd:
    """The package's daemon with sockets of its own."""

    def __init__(self, scenario, name, keyring, key):
        self.control = scenario.file(name + ".control")
        self.egd = scenario.file(name + ".egd")
        configuration = scenario.file(name + ".conf")
        configuration.write_text(
            f'UnixControlSocket "{self.control}"\nKeyring "{keyring}"\nDaemonise(false)\n'
            f'EGDUnixSocket "{self.egd}"\nAddEntropyKey("{key}", "{SERIAL}")\n'
        )
        words = [package / "loader", "usr/sbin/ekeyd", "-f", configuration, "-p", scenario.file(name + ".pid")]
        self.process = scenario.start(name, words, env=environment)
        self.wait(lambda: self.control.exists(), "opened its control socket")

    def wait(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end or not self.process.is_running:
                raise Failed(f"ekeyd has not {what}: {' | '.join(self.process.lines[-3:])}")
            time.sleep(0.05)

    def ask(self, command):
        """The lines of the reply."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self.control))
            reply = connection.makefile("rw", newline="\n")
            if not reply.readline().startswith("PROTOCOL EKEYD/1"):
                raise Failed("ekeyd's control socket speaks another protocol")
            reply.write(command + "\n")
            reply.flush()
            lines = []
            for line in reply:
                if line.startswith(("OK", "ERROR")):
                    return lines
                lines.append(line[1:].strip())
        raise Failed("ekeyd hung up")

    def is_running_ok(self):
        return any("Running OK" in line for line in self.ask("ListEntropyKeys()"))

    def claim_running(self, scenario, text):
        end = time.monotonic() + PATIENCE
        while not self.is_running_ok() and time.monotonic() < end:
            time.sleep(0.05)
        if not scenario.claim(text, self.is_running_ok()):
            raise Failed("nothing of ekeyd can be judged that does not run")

    def statistics(self):
        return dict(line.split("=", 1) for line in self.ask(f'StatEntropyKey("{SERIAL}")'))

    def read(self, count):
        received = b""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self.egd))
            while len(received) < count:
                connection.sendall(bytes([2, FRAME]))
                piece = b""
                while len(piece) < FRAME:
                    more = connection.recv(FRAME - len(piece))
                    if not more:
                        raise Failed("ekeyd's EGD socket hung up")
                    piece += more
                received += piece
        return received


def wellspring(*words, **options):
    return subprocess.run(
        [folder / "wellspring", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )


def wait_for(daemon, condition):
    """The key's part of status, once the condition holds; else what it was last."""
    end = time.monotonic() + PATIENCE
    while True:
        source = next(s for s in daemon.status()["sources"] if s["name"] == "entropy-key")
        if condition(source) or time.monotonic() > end:
            return source
        time.sleep(0.1)


def is_running_ok(source):
    return (source.get("device") or {}).get("state") == "Running OK"


def write_keyring(path, key):
    path.write_text(f"# kept\n{SERIAL} {base64.b64encode(key).decode()}\n")
    path.chmod(0o600)
    if os.getuid() == 0:
        shutil.chown(path, "nobody")


folder = programs()
package = fetched("entropy-key")
lua = package / "root/usr"
environment = {
    **os.environ,
    "LUA_PATH": f"{lua}/share/lua/5.1/?.lua;;",
    "LUA_CPATH": f"{lua}/lib/x86_64-linux-gnu/lua/5.1/?.so;;",
}

with Scenario("the Entropy Key and its own programs") as s:
    # ekeyd with the emulator: a key is what ekeyd takes for one.
    keyring = s.file("keyring")
    write_keyring(keyring, LONG_TERM_KEY)
    emulator = Emulator(s, "emulator", "--first-number", 4000)
    ekeyd = Ekeyd(s, "ekeyd", keyring, emulator.link)
    ekeyd.claim_running(s, "ekeyd says of the emulator: Running OK")
    received = ekeyd.read(WANTED)
    ekeyd.wait(lambda: ekeyd.statistics().get("KeyVoltage", "0") != "0", "had readings")
    theirs = ekeyd.statistics()
    s.claim(
        f"it reads the emulator's readings: {theirs['KeyTemperatureC']} C, {theirs['KeyVoltage']} V, {theirs['KeyShortBadness']}",
        (theirs["KeyTemperatureC"], theirs["KeyVoltage"], theirs["KeyShortBadness"]) == ("41.15", "3.254", "efm_ok"),
    )
    # One of the first, which comes before ekeyd knows the number, it cannot check: so it was with a real key, too.
    s.claim(
        f"it found no frame damaged ({theirs['PacketErrors']} of {theirs['FramesOk']} at the start)",
        int(theirs["PacketErrors"]) <= 1 and theirs["FramingErrors"] == "0",
    )
    ekeyd.process.end()
    plain = emulator.end()
    # ekeyd gives the latest of what it has gathered first.
    sent = [plain[at : at + FRAME] for at in range(0, len(plain), FRAME)]
    got = [received[at : at + FRAME] for at in range(0, len(received), FRAME)]
    s.claim(
        f"each of the {len(got)} pieces that it gave is the plaintext of one of {len(sent)} frames, over "
        f"{theirs['ConnectionRekeys']} sessions, and none came twice",
        set(got) <= set(sent) and len(set(got)) == len(got) == WANTED // FRAME and int(theirs["ConnectionRekeys"]) > 2,
    )

    # ekey-setkey with the emulator, and Wellspring with the keyring that it wrote.
    write_keyring(keyring, bytes(32))
    emulator = Emulator(s, "rekeyed")
    done = subprocess.run(
        [package / "loader", "usr/sbin/ekey-setkey", "-f", keyring, "-m", CARD, "-s", SERIAL, emulator.link],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE,
    )
    s.claim("ekey-setkey gives it a new long-term key", done.returncode == 0)
    if os.getuid() == 0:
        shutil.chown(keyring, "nobody")
    emulator.open_to_all()
    sources = f"sources:\n  entropy-key: {{path: {emulator.link}, keyring: {keyring}}}\n  jitter: {{}}"
    daemon = Daemon(s, folder, "daemon", sources, egd="quality: full-entropy").start()
    source = wait_for(daemon, is_running_ok)
    s.claim("Wellspring works with the keyring that ekey-setkey wrote", is_running_ok(source))

    # The other way round.
    control = daemon.place / "control.sock"
    done = wellspring(
        "key", "rekey", SERIAL, "--device", emulator.link, "--master-key", "-", "--keyring", keyring, "--socket", control,
        input=CARD + "\n",
    )
    s.claim("wellspring key rekey gives it another one", done.returncode == 0)
    s.note(done.stdout.strip().replace("\n", " | ").replace(str(s.folder), "..."))
    s.claim("and the card is nowhere in what it says", CARD not in done.stdout and MASTER_KEY.hex() not in done.stdout)
    text = keyring.read_text()
    s.claim(
        "the keyring keeps its comments, and the old entry as one",
        len(re.findall(rf"^# replaced \S+: {SERIAL} ", text, re.M)) == 1 and len(re.findall(rf"^{SERIAL} ", text, re.M)) == 1,
    )
    source = wait_for(daemon, is_running_ok)
    s.claim("the daemon took the key back and works with the new long-term key", is_running_ok(source))
    before = source["device"]["statistics"]
    listed = wellspring("key", "list", "--socket", control)
    s.claim("key list says so", "Running OK" in listed.stdout and SERIAL in listed.stdout)
    daemon.end()
    ekeyd = Ekeyd(s, "ekeyd-again", keyring, emulator.link)
    ekeyd.claim_running(s, "and so does ekeyd with the keyring that Wellspring wrote")
    ekeyd.wait(lambda: "KeyShortBadness" in ekeyd.statistics(), "had readings")
    missing = set(ekeyd.statistics()) - set(before) - {"FipsFrameRate"}
    # Ours come with the readings, which may not have been there yet.
    missing = {name for name in missing if not name.startswith("Key")}
    s.claim(f"every statistic that ekeyd has is one of Wellspring's (missing: {missing or 'none'})", not missing)
    ekeyd.process.end()

    # A key that was left in mid-command stays Unknown for ekeyd, and is brought back by Wellspring.
    emulator.say("mid-command")
    ekeyd = Ekeyd(s, "ekeyd-stuck", keyring, emulator.link)
    # It has no timer, so that what it says after three seconds it says for ever; a working key takes half a one.
    time.sleep(3)
    lines = ekeyd.ask("ListEntropyKeys()")
    s.claim("a key left in mid-command stays Unknown for ekeyd", any("Unknown" in line for line in lines))
    ekeyd.process.end()
    began = time.monotonic()
    daemon.start()
    source = wait_for(daemon, is_running_ok)
    s.claim(
        f"Wellspring brings it back in {time.monotonic() - began:.1f} s, by "
        f"{source['device']['statistics']['ConnectionResets']} ^C",
        is_running_ok(source) and source["device"]["statistics"]["ConnectionResets"] == 1,
    )
    emulator.say("pull-out")
    source = wait_for(daemon, lambda source: source["state"] == "failed")
    s.claim(f"pulled out: {source['reason'].replace(str(s.folder), '...')}", source["state"] == "failed")
    emulator.say("plug-in")
    emulator.open_to_all()
    source = wait_for(daemon, is_running_ok)
    s.claim("plugged in: Running OK again", is_running_ok(source))
    daemon.end()
    emulator.end()

    # The package's own configuration.
    done = subprocess.run(
        [folder / "wellspring", "migrate", "ekeyd", package / "root/etc/entropykey/ekeyd.conf"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    s.claim("wellspring migrate ekeyd translates the package's own configuration", done.returncode == 0)
    migrated = s.file("migrated.yaml")
    migrated.write_text(done.stdout)
    checked = wellspring("run", "--check", "--config", migrated)
    s.claim("and the result is a right configuration", checked.returncode == 0)
    if checked.returncode:
        s.note(checked.stdout.strip())
