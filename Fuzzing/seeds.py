#!/usr/bin/env python3
# Writes the inputs that fuzzing begins with: seeds.py FOLDER makes FOLDER/codec and FOLDER/server.
# SPDX-License-Identifier: Apache-2.0
"""Scenes of the server's fuzz target, in the bytes that Fuzzing/EGDServer/Scene.swift reads, and streams of
the codec's. Only to begin with: from here on libFuzzer finds its own way."""

import pathlib
import sys

OPEN, SAY, SUPPLY, LISTEN, END, LEAVE, HANDS, WAKE = range(8)
SCARCE, PLENTIFUL, GREETING = range(3)


class Scene:
    def __init__(self):
        self.bytes = b""
        self.actors = 0

    def do(self, operation, index=0, *rest):
        self.bytes += bytes([operation]) + (bytes([index]) if self.actors else b"") + bytes(rest)
        return self

    def open(self, listener):
        self.do(OPEN | listener << 3)
        self.actors += 1
        return self

    def say(self, index, words):
        self.do(SAY, index, len(words))
        self.bytes += words
        return self

    def supply(self, count):
        return self.do(SUPPLY, 0, count)

    def listen(self, index, count=255):
        return self.do(LISTEN, index, count)


read = lambda count: bytes([2, count])
announcement = b"\3\0\0\x20" + b"WELLSPR1" + b"%08x" % 3 + b"reader".ljust(16, b"\0")
circle = b"\3\0\0\x20" + b"WELLSPR1" + b"%08x" % 2 + b"up".ljust(16, b"\0")
scenes = [
    Scene().open(SCARCE).say(0, read(8)).supply(8).listen(0),
    Scene().open(SCARCE).open(SCARCE).say(0, read(16) * 3).say(1, read(8)).supply(10).supply(30).listen(0).listen(1),
    Scene().open(SCARCE).open(GREETING).say(1, read(30) + b"\1\x20").supply(32).supply(32).listen(1).do(LEAVE, 0),
    Scene().open(SCARCE).say(0, read(9) + b"\0\4\2").supply(5).do(HANDS, 0).supply(20).say(0, b"\4").listen(0),
    Scene().open(SCARCE).say(0, read(20)).do(END, 0).supply(7).do(HANDS, 0).supply(13).listen(0),
    Scene().open(PLENTIFUL).say(0, read(255) * 120).say(0, read(255) * 120).say(0, read(250) * 120).listen(0).listen(0),
    Scene().open(PLENTIFUL).open(PLENTIFUL).say(0, read(255) * 127).say(0, read(255) * 127).do(LEAVE, 0).say(0, b"\0\1\7"),
    Scene().open(SCARCE).say(0, announcement + b"\4").listen(0).say(0, read(3)).do(HANDS, 0).supply(3).listen(0),
    Scene().open(SCARCE).say(0, circle + b"\4" + read(3)).supply(9).listen(0),
    Scene().open(SCARCE).say(0, b"\3\0\x10\4abcd\3\xff\xff\2").say(0, b"xy\0").listen(0).say(0, b"\5\0"),
]
for first in (GREETING, SCARCE):
    scene = Scene()
    for _ in range(5):
        scene.open(first)
    for index in range(5):
        scene.say(index, read(7) + b"\1\5" + read(4))
    for _ in range(8):
        scene.supply(32)
    for index in range(5):
        scene.listen(index)
    scenes.append(scene)
streams = [
    b"\0" + read(255) + b"\0\1\x20\3\0\x08\3abc\4\5\0",
    b"\1\0\0\0\0\0\x10",
    b"\1\1\x20\x05abcde",
    b"\1\3\0\x045678",
    b"\2" + announcement[4:],
    b"\x02" + b"4711 wellspring 00000001:rack1 00000002:hub +",
    b"\3" + b"5,3,8;0badcafe:vm3;02400140",
    b"\3" + b"0,0,0;-;",
]

folder = pathlib.Path(sys.argv[1])
for name, inputs in (("server", [scene.bytes for scene in scenes]), ("codec", streams)):
    (folder / name).mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(inputs):
        (folder / name / f"seed-{number:02}").write_bytes(data)
