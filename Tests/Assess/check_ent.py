# `wellspring ent` against Fourmilab's ent: the same characters for the same bytes.
# SPDX-License-Identifier: Apache-2.0
from samples import counter, masked, sticky, too_many_ones, uniform
from support import ask, installed, side_by_side

OPTIONS = ("", "-b", "-c", "-t", "-t -b", "-t -c", "-f", "-b -c")
TEXT = (
    "Es war einmal ein M\u00fcller, der war arm, aber er hatte eine sch\u00f6ne Tochter. \u00c0 BIENT\u00d4T, "
    "\u00c7A VA? ABCXYZ abcxyz 0123456789 @[`{\n\t"
).encode("iso-8859-1")


def inputs():
    """Bytes by name, all made from seeds."""
    large = uniform(60, 300_000)
    return {
        "empty": b"",
        **{f"{count} bytes": uniform(50 + count, count) for count in (1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13)},
        "one zero": b"\0",
        "one 255": b"\xff",
        "two equal": b"AA",
        "constant": b"\x42" * 10_000,
        "zeros": bytes(6_000),
        "alternating": b"\xaa\x55" * 3_000,
        "all values": bytes(range(256)),
        "counter": counter(100_000),
        "text": TEXT * 50,
        "upper case": bytes(range(0x40, 0x60)) * 20 + bytes(range(0xC0, 0xE0)) * 20,
        "digits": masked(51, 50_000, 1).translate(bytes.maketrans(b"\0\1", b"01")),
        "bits": masked(52, 20_000, 1),
        "nibbles": masked(53, 20_000, 15),
        "random": uniform(54, 65_536),
        "random, odd": uniform(55, 10_007),
        "sticky": sticky(56, 30_000),
        "biased": too_many_ones(57, 30_000),
        "300 kB": large,
        "5 MB": (large + counter(50_000)) * 15,
    }


def check(run):
    ent = installed("ent")
    data = inputs()
    files = {name: run.file(f"ent-{index}", content) for index, (name, content) in enumerate(data.items())}

    def compare(case):
        name, options, by_file = case
        words = options.split() + ([files[name]] if by_file else [])
        content = None if by_file else data[name]
        theirs = ask(ent, *words, data=content)
        ours = run.ask("ent", *words, data=content)
        if ours.output == theirs.output and ours.status == theirs.status:
            return []
        lines = zip(ours.output.splitlines(), theirs.output.splitlines())
        first = next((pair for pair in lines if pair[0] != pair[1]), (ours.output[-80:], theirs.output[-80:]))
        how = "file" if by_file else "standard input"
        return [f"{name}, options '{options}', {how}: {first[0]}, expected {first[1]}, status {ours.status}"]

    cases = [(name, options, True) for name in data for options in OPTIONS]
    cases += [(name, options, False) for name in data for options in ("", "-b", "-t -c") if name != "5 MB"]
    faults = [fault for found in side_by_side(compare, cases) for fault in found]
    run.claim_none("ent", f"{len(cases)} outputs of {len(data)} inputs, byte by byte", faults)
