# Synthetic sample files of the reference results, made from splitmix64 in counter form.
# SPDX-License-Identifier: Apache-2.0
import functools
import struct

from support import TESTS, Unexpected

MILLION = 1_000_000
# Values that are computed at once, in one whole number: each has 128 bits, as a product of 64 bits needs.
LANES = 1024
ONES = sum(1 << 128 * lane for lane in range(LANES))
NUMBERS = sum(lane + 1 << 128 * lane for lane in range(LANES))
WORDS = ONES * ((1 << 64) - 1)
STEP = 0x9E3779B97F4A7C15


def values(seed, count):
    """The first values of the stream with this seed (splitmix64, Steele, Lea, Flood 2014)."""
    found = []
    for first in range(0, count, LANES):
        z = ((seed + first * STEP) % (1 << 64) * ONES + NUMBERS * STEP) & WORDS
        # What a shift brings from the next lane is masked away.
        z = ((z ^ (z >> 30) & WORDS) * 0xBF58476D1CE4E5B9) & WORDS
        z = ((z ^ (z >> 27) & WORDS) * 0x94D049BB133111EB) & WORDS
        z ^= (z >> 31) & WORDS
        found += struct.unpack(f"<{2 * LANES}Q", z.to_bytes(16 * LANES, "little"))[::2]
    return found[:count]


@functools.lru_cache(maxsize=4)
def uniform(seed, count):
    """Little-endian bytes of the values."""
    words = (count + 7) // 8
    return struct.pack(f"<{words}Q", *values(seed, words))[:count]


def masked(seed, count, mask):
    return uniform(seed, count).translate(bytes(value & mask for value in range(256)))


def biased_bits(seed, count, ones, of):
    """Ones where the upper half of a value is below that share of 2^32."""
    threshold = (1 << 32) * ones // of
    return bytes((value >> 32) < threshold for value in values(seed, count))


def period(seed, count):
    """The period 3, 1, 4, 1, 5, in which one symbol of eight is replaced by a random one."""
    digits = (3, 1, 4, 1, 5)
    return bytes(
        digits[index % 5] if value >> 61 else value & 7
        for index, value in enumerate(values(seed, count))
    )


def counter(count):
    return (bytes(range(256)) * (count // 256 + 1))[:count]


def sticky(seed, count):
    """Uniform bytes of which three in eight are replaced by the byte three places before."""
    data = bytearray(uniform(seed, count))
    for index in range(3, count):
        if data[index] & 7 < 3:
            data[index] = data[index - 3]
    return bytes(data)


def too_many_ones(seed, count):
    """Uniform bytes, OR-ed with themselves shifted where the low five bits are zero."""
    table = bytes(v | v >> 3 | 1 if v & 31 == 0 else v for v in range(256))
    return uniform(seed, count).translate(table)


SYNTHETIC = {
    "sm_u8": lambda: uniform(1, MILLION),
    "sm_u4": lambda: masked(2, MILLION, 15),
    "sm_u1": lambda: masked(3, MILLION, 1),
    "bias60": lambda: biased_bits(4, MILLION, 3, 5),
    "stuck_half": lambda: uniform(9, MILLION // 2) + b"\x42" * (MILLION // 2),
    "stuck_all": lambda: b"\x42" * MILLION,
    "counter_u8": lambda: counter(MILLION),
    "period5_u3": lambda: period(10, MILLION),
}


def sample(name, *folders):
    """The sample of this name: synthetic, or a file in one of the folders."""
    if name in SYNTHETIC:
        return SYNTHETIC[name]()
    if name.startswith("short_u1_"):
        return masked(15, int(name[9:]), 1)
    if name.startswith("short_u8_"):
        return uniform(16, int(name[9:]))
    for folder in folders:
        path = TESTS / folder / f"{name}.bin"
        if path.exists():
            return path.read_bytes()
    raise Unexpected(f"there is neither a rule nor a file for the sample {name}")
