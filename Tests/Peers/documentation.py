#!/usr/bin/env python3
# The fenced blocks of docs/serving-a-rack.md, each run as it stands; started by documentation.sh.
# SPDX-License-Identifier: Apache-2.0
#
# ```yaml test is the daemon's configuration; ```sh test, ```perl test, ```python test and ```c test are run
# and print 32 bytes in hexadecimal, or, with "test quiet", only have to succeed; ```yaml check has to be right,
# and ```yaml refused to be refused in the words of the ```text refused that follows; ```sh qemu starts a guest;
# ```xml test is a device of a libvirt machine, of which the first is to mean what the qemu block says:
# libvirt itself, without its daemon, says what it would start QEMU with, and a guest is started with that.
import json
import os
import re
import shlex
import subprocess
import sys

from support import HERE, Failed, Guest, Scenario, fetched, programs

PAGE = HERE.parent.parent / "docs" / "serving-a-rack.md"
FENCE = re.compile(r"^```(\w+)((?: [\w-]+)+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TAGS = {"test", "quiet", "check", "refused", "qemu"}
RUNNERS = {"sh": ["sh", "-eu"], "perl": ["perl"], "python": ["python3"]}


class Block:
    def __init__(self, match, text):
        self.language = match[1]
        self.tags = match[2].split()
        self.body = match[3]
        self.line = text.count("\n", 0, match.start()) + 1
        self.name = f"{self.language} block of line {self.line}"


def run(scenario, block, folder):
    """What it printed, or None if it failed."""
    script = scenario.file(f"block-{block.line}.{block.language}")
    script.write_text(block.body)
    if block.language == "c":
        program = scenario.file(f"block-{block.line}")
        compiling = ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, script]
        if subprocess.run(compiling).returncode != 0:
            return None
        words = [program]
    else:
        words = [*RUNNERS[block.language], script]
    # Where Wellspring is installed, its programs are in PATH.
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, timeout=60, env=environment, cwd=scenario.folder)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.decode().strip() if done.returncode == 0 else None


def checked(scenario, block, folder):
    """Exit status and output of `wellspring run --check` for the block as a configuration."""
    scenario.file("wellspring.yaml").write_text(block.body)
    done = subprocess.run(
        [folder / "wellspring", "run", "--check", "--config", "wellspring.yaml"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=scenario.folder,
    )
    return done.returncode, done.stdout


def gets_in(path):
    """Whether a client of our groups, and whether one without further groups is served at the socket."""
    asking = [
        sys.executable, "-c",
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.settimeout(30); "
        "sys.exit(0 if s.recv(1) else 1)",
        path,
    ]
    return [subprocess.run([*words, *asking]).returncode == 0 for words in ([], ["setpriv", "--clear-groups"])]


def described_machine(scenario, block):
    """A file with a whole machine that has the block's device."""
    path = scenario.file(f"domain-{block.line}.xml")
    path.write_text(
        "<domain type='qemu'><name>guest</name><memory>131072</memory>"
        "<os><type arch='x86_64' machine='pc'>hvm</type></os>"
        f"<devices><emulator>{scenario.file('emulator')}</emulator>{block.body}</devices></domain>"
    )
    return path


def libvirt_options(scenario, domain):
    """QEMU's options for the entropy device of the machine, as libvirt writes them."""
    qemu, root = fetched("qemu"), fetched("libvirt") / "root"
    emulator = scenario.file("emulator")
    emulator.write_text(
        f"#!/bin/sh\nexec {qemu}/loader usr/bin/qemu-system-x86_64 "
        f"-L {qemu}/root/usr/share/qemu -L {qemu}/root/usr/share/seabios \"$@\"\n"
    )
    emulator.chmod(0o755)
    state = scenario.file("libvirt")
    (state / "etc").mkdir(parents=True)
    (state / "etc" / "qemu.conf").write_text(
        'user = "root"\ngroup = "root"\nsecurity_driver = "none"\nremember_owner = 0\n'
    )
    # It wants a user of its own, and looks for its data below /usr/share: both in a mount name space.
    for name, line in (("passwd", "libvirt-qemu:x:64055:65534::/:/bin/false"), ("group", "libvirt-qemu:x:64055:")):
        with open(f"/etc/{name}") as file:
            (state / name).write_text(file.read() + line + "\n")
    script = f"""
        mount --bind {state}/passwd /etc/passwd
        mount --bind {state}/group /etc/group
        mount --bind {root}/usr/share /usr/share
        exec {root}/../loader usr/bin/virsh --connect 'qemu:///embed?root={state}' \
            domxml-to-native qemu-argv --xml {domain}
    """
    libraries = root / "usr/lib/x86_64-linux-gnu/libvirt"
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-ec", script],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60,
        env={
            **os.environ, "LC_ALL": "C",
            "LIBVIRT_DRIVER_DIR": f"{libraries}/connection-driver",
            "LIBVIRT_LOCK_MANAGER_PLUGIN_DIR": f"{libraries}/lock-driver",
        },
    )
    if done.returncode != 0:
        raise Failed(f"libvirt does not understand the machine: {done.stderr.strip()}")
    words = shlex.split(done.stdout)
    options = []
    for name, value in zip(words, words[1:]):
        if name in ("-chardev", "-object", "-device") and "rng" in value:
            options += [name, value]
    return options


def meaning(options):
    """What QEMU's options say, in whichever notation, without the names that only connect them."""
    facts = set()
    for name, value in zip(options[::2], options[1::2]):
        if value.startswith("{"):
            pairs = {key: str(text) for key, text in json.loads(value).items()}
        else:
            first, *rest = value.split(",")
            pairs = {"kind": first, **dict(pair.split("=", 1) for pair in rest)}
        kind = pairs.get("kind") or pairs.get("qom-type") or pairs.get("driver")
        facts.add((name, kind, pairs.get("path"), pairs.get("reconnect")))
    return facts


def reads(scenario, name, options):
    guest = Guest(scenario, name, options)
    guest.await_boot()
    reading = guest.read(1024)
    guest.process.end()
    return reading


folder = programs()
with Scenario("the documentation's examples") as s:
    text = PAGE.read_text()
    blocks = [Block(match, text) for match in FENCE.finditer(text)]
    fences = len(re.findall(r"^```\w+ ", text, re.MULTILINE))
    s.claim(
        f"the page's {fences} blocks for this test are all understood",
        len(blocks) == fences > 0 and all(TAGS.issuperset(block.tags) for block in blocks),
    )

    for block, following in zip(blocks, [*blocks[1:], None]):
        if block.language == "yaml" and "test" not in block.tags:
            status, output = checked(s, block, folder)
            if "refused" in block.tags:
                s.claim(
                    f"the {block.name} is refused, as the page says: {output.strip()}",
                    status == 78 and following is not None and following.body == output,
                )
            else:
                s.claim(f"the {block.name} is right", status == 0)
    tested = [block for block in blocks if "test" in block.tags or "qemu" in block.tags]
    configurations = [block for block in tested if block.language == "yaml"]
    s.claim("one configuration is the daemon's", len(configurations) == 1)
    configuration = s.file("daemon.yaml")
    configuration.write_text(configurations[0].body)
    daemon = s.start("daemon", [folder / "wellspring", "run", "--no-feeder", "--config", configuration])
    daemon.wait_line("wellspring is up")

    outputs = []
    for block in tested:
        if block.language not in (*RUNNERS, "c") or "qemu" in block.tags:
            continue
        output = run(s, block, folder)
        if "quiet" in block.tags:
            s.claim(f"the {block.name} runs", output is not None)
        else:
            outputs.append(output)
            s.claim(
                f"the {block.name} prints 32 bytes",
                output is not None and re.fullmatch("[0-9a-f]{64}", output) is not None,
            )
    s.claim(f"the {len(outputs)} outputs all differ", len(set(outputs)) == len(outputs) > 3)

    member, stranger = gets_in("/run/wellspring/guests.sock")
    s.claim("the guests' socket greets whom allow-groups names, and turns away others", member and not stranger)

    options = None
    for block in tested:
        if "qemu" in block.tags:
            # What a shell makes of it: a line that goes on is one.
            words = shlex.split(block.body.replace("\\\n", ""))
            options = words[1:]
            reading = reads(s, "documented", options)
            s.claim(
                f"the {block.name} makes a guest that reads /dev/hwrng: {reading}",
                words[0] == "qemu-system-x86_64" and len(reading.data) == 1024,
            )
    schema = fetched("libvirt") / "root/usr/share/libvirt/schemas/domain.rng"
    devices = [block for block in tested if block.language == "xml"]
    for number, block in enumerate(devices):
        domain = described_machine(s, block)
        checking = ["xmllint", "--noout", "--relaxng", schema, domain]
        done = subprocess.run(checking, stderr=subprocess.PIPE, text=True)
        s.claim(f"libvirt's schema accepts the {block.name}", done.returncode == 0)
        if done.returncode != 0:
            s.note(done.stderr)
        if number == 0:
            written = libvirt_options(s, domain)
            s.note(f"libvirt starts QEMU with {shlex.join(written)}")
            s.claim("to libvirt it means what the qemu block says", meaning(written) == meaning(options))
            reading = reads(s, "libvirt", written)
            s.claim(f"and a guest started with libvirt's options reads: {reading}", len(reading.data) == 1024)
