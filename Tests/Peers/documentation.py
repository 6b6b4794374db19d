#!/usr/bin/env python3
# The fenced blocks of docs/serving-a-rack.md, each run as it stands; started by documentation.sh.
# SPDX-License-Identifier: Apache-2.0
#
# ```yaml test is the daemon's configuration; ```sh test, ```perl test, ```python test and ```c test are run
# and print 32 bytes in hexadecimal, or, with "test quiet", only have to succeed; ```sh qemu starts a guest;
# ```xml test is a device of a libvirt machine, of which the first is to mean what the qemu block says.
import os
import re
import shlex
import subprocess
import xml.etree.ElementTree

from support import HERE, Guest, Scenario, fetched, programs

PAGE = HERE.parent.parent / "docs" / "serving-a-rack.md"
FENCE = re.compile(r"^```(\w+)((?: [\w-]+)+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
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


def machine_options(device):
    """QEMU's options for an <rng> device, as libvirt would write them."""
    backend = device.find("backend")
    source = backend.find("source")
    reconnect = source.find("reconnect")
    chardev = f"socket,id=egd0,path={source.get('path')}"
    if reconnect is not None and reconnect.get("enabled") == "yes":
        chardev += f",reconnect={reconnect.get('timeout')}"
    if (device.get("model"), backend.get("model"), backend.get("type"), source.get("mode")) != (
        "virtio", "egd", "unix", "connect"
    ):
        return []
    return [
        "-chardev", chardev, "-object", "rng-egd,id=rng0,chardev=egd0",
        "-device", "virtio-rng-pci,rng=rng0",
    ]


folder = programs()
with Scenario("the documentation's examples") as s:
    text = PAGE.read_text()
    blocks = [Block(match, text) for match in FENCE.finditer(text)]
    tested = [block for block in blocks if "test" in block.tags or "qemu" in block.tags]
    fences = len(re.findall(r"^```\w+ .*(?:test|qemu)", text, re.MULTILINE))
    s.claim(f"the page's {fences} blocks for this test are all found", len(tested) == fences > 0)

    configuration = s.file("wellspring.yaml")
    configuration.write_text(next(b.body for b in tested if b.language == "yaml"))
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

    options = None
    for block in tested:
        if "qemu" in block.tags:
            # What a shell makes of it: a line that goes on is one.
            words = shlex.split(block.body.replace("\\\n", ""))
            options = words[1:]
            guest = Guest(s, "documented", options)
            guest.await_boot()
            reading = guest.read(1024)
            s.claim(
                f"the {block.name} makes a guest that reads /dev/hwrng: {reading}",
                words[0] == "qemu-system-x86_64" and len(reading.data) == 1024,
            )
    schema = fetched("libvirt") / "schemas" / "domain.rng"
    devices = [block for block in tested if block.language == "xml"]
    for number, block in enumerate(devices):
        domain = s.file(f"domain-{block.line}.xml")
        domain.write_text(
            "<domain type='kvm'><name>guest</name><memory>131072</memory>"
            "<os><type arch='x86_64' machine='pc'>hvm</type></os>"
            f"<devices>{block.body}</devices></domain>"
        )
        checking = ["xmllint", "--noout", "--relaxng", schema, domain]
        done = subprocess.run(checking, stderr=subprocess.PIPE, text=True)
        s.claim(f"libvirt's own schema accepts the {block.name}", done.returncode == 0)
        if done.returncode != 0:
            s.note(done.stderr)
        if number == 0:
            s.claim(
                "and it means the options of the qemu block",
                machine_options(xml.etree.ElementTree.fromstring(block.body)) == options,
            )
