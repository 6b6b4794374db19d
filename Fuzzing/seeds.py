#!/usr/bin/env python3
# Writes the inputs that fuzzing begins with: seeds.py FOLDER makes a folder in it for each fuzz target.
# SPDX-License-Identifier: Apache-2.0
"""Scenes of the server's fuzz target, in the bytes that Fuzzing/EGDServer/Scene.swift reads; streams of the
codec's; conversations of the Entropy Key's (Fuzzing/EntropyKey/SessionScene.swift) and texts about it. Only to
begin with: from here on libFuzzer finds its own way."""

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

OBEY, AGREE, ENTROPY, NUMBER, READING, TEXT, FRAME, KIND, RAW, AGAIN, DAMAGE, CUT, PASS, BEGIN, CHANGE, OTHER = range(16)
HOLD = 0x80
FORGET, KNOW, EXCHANGE, REOPEN_ANY, REOPEN, IGNORE, EXCUSE = range(7)
session = bytes([AGREE, READING, 1, READING, 0, ENTROPY, 3])
rekeyed = bytes([NUMBER, 0xFF, 0x0F, AGREE, ENTROPY, 3])
pass_time = lambda which: bytes([PASS | which << 4])
talks = [
    session + rekeyed + pass_time(3) + bytes([ENTROPY, 3]),
    session + bytes([AGAIN, 5, 0, AGAIN, 5, 0, ENTROPY, 1, NUMBER, 1, 0, NUMBER, 200, 0, ENTROPY, 3]),
    session + bytes([DAMAGE, 20, 4] * 3) + bytes([AGREE]) + session,
    session + bytes([BEGIN]) + session + bytes([BEGIN, AGREE, ENTROPY, 2]),
    session + bytes([ENTROPY | HOLD, 3, CUT, 30, RAW, 5]) + b"*** \r" + bytes([ENTROPY, 3]),
    pass_time(3) * 4 + pass_time(7) * 2 + bytes([CHANGE, REOPEN_ANY]) + session,
    bytes([OBEY]) + (pass_time(4) + bytes([CHANGE, IGNORE, OBEY])) * 4 + bytes([KIND, 0]) + session,
    bytes([CHANGE, FORGET, AGREE]) + pass_time(7) + bytes([CHANGE, KNOW, AGREE, ENTROPY, 2]),
    bytes([CHANGE, EXCHANGE]) + (bytes([AGREE]) + bytes([ENTROPY, 3])) * 3 + pass_time(7) + bytes([CHANGE, EXCHANGE]) + session,
    bytes([OTHER, 3, 9, CHANGE, REOPEN_ANY, OTHER, 3, 9]) + session,
    session + bytes([READING, 7, READING, 25]) + pass_time(6) + bytes([READING, 1, ENTROPY, 3]),
    session + bytes([CHANGE, EXCUSE + 8]) + pass_time(5) + bytes([KIND, 3, KIND, 1, KIND, 8, FRAME, 0x45, 20]) + b"x" * 20,
    session + bytes([FRAME | 0x40, 0x4B, 12, 0, 32]) + b"n" * 32 + bytes([FRAME | 0x40, 0x53, 0, 0, 12]) + b"s" * 12,
]
rekeyings = [bytes([choice, 0, 0, 0, 0, 0, 0, 7, 60, 7, 130]) for choice in range(4)]
rekeyings += [bytes([0, 0, 0, 0x22, 0, 3, 32]) + b"d" * 32, bytes([0, 7, 55, 7, 55, 7, 55]), bytes([0, 0, 0, 4, 0, 0, 6, 7, 130])]
field = lambda text: bytes([len(text)]) + text
readings = [
    field(b"T03143 V03254") + field(b"F00010:00000:00000:00000:00000") + field(b"S08052:23751:23792:23584:07112:20876:08063:24150:0")
    + field(b"F00600:00013:00001:00002:00003") + field(b"T05000 V02000"),
    field(b"S00001:2:3:4:5:6:7:8:A") + field(b"S::::::::0") + field(b"T V F S") + bytes([0xE0]),
]
entry = b"NwBvBlg3OTBJORFD ZN5z/Hhs6cv2WMLpsVV/oPdXU9q55IZ+4ODeoLxtq5I="
keyrings = [b"", entry, entry + b"\n", b"# mine\n" + entry + b" note\r\n\n" + entry.replace(b"Nw", b"Mw") + b"\n" + entry, b"a\n" + entry[:40]]
cards = [b"S3VqD34V MXasYmjr uxIfCSm+ aB6tWA6X bqcdLAy4 13hv\n", entry[17:], b""]
serials = [b"NwBvBlg3OTBJORFD", b"M_3lUoWERuOdXDFR", b"M.3lUoWERuOdXD+R"]
ekeyd = [
    b"-- c\nUnixControlSocket '/r/c'\nKeyring \"/k\"\nDaemonise(true);\nSetOutputToKernel(7)\nAddEntropyKeys '/dev/entropykey'",
    b"EGDUnixSocket([[/r/e]], '0660', \"a\\98\", 'b')\nEGDTCPSocket(0x22B8, '::1') AddEntropyKey('/dev/entropykey/NwBvBlg3OTBJORFD')",
    b"--[=[ x ]=] TCPControlSocket(1) SetOutputToFile('/f') if x = 1 then foo{} end AddEntropyKey('/a', 'NwBvBlg3OTBJORFD')",
]
real = [
    b"* S!AANwBvBlg3OTBJORFD                                Al/Smw1b\r\n",
    b"* I>T03150 V03254                                     6ihYwAqo\r\n",
]
talks.append(bytes([CHANGE, REOPEN_ANY]) + b"".join(bytes([RAW, len(frame)]) + frame for frame in real))
key = [b"\x00" + talk for talk in talks] + [b"\x80\x06" + talk for talk in talks]
for mode, inputs in ((8, rekeyings), (9, readings), (12, cards), (13, serials), (14, serials + cards), (15, ekeyd)):
    key += [bytes([mode]) + data for data in inputs]
key += [bytes([10, number]) + text for number, text in enumerate(keyrings)]

folder = pathlib.Path(sys.argv[1])
corpora = {"egd-server": [scene.bytes for scene in scenes], "egd-codec": streams, "entropy-key": key}
for name, inputs in corpora.items():
    (folder / name).mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(inputs):
        (folder / name / f"seed-{number:02}").write_bytes(data)
