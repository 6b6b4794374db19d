#!/usr/bin/env python3
# Writes sha512.json: expected SHA-512 digests for SHA512Tests, computed by Python's hashlib.
# SPDX-License-Identifier: Apache-2.0
#
# Usage: python3 make_sha512.py > sha512.json
#
# "known": the examples of FIPS 180-2 appendix C and the empty message, as text; the script stops if
#   hashlib disagrees with the digests printed there.
# "lengths": message i of length n has bytes (131 * index + n) mod 251; every length around one and two
#   blocks, and some long ones, as CAVP's ShortMsg and LongMsg do.
# "monteCarlo": SHAVS section 6.4 (pseudorandomly generated messages), the first ten checkpoints of
#   1,000 digests each from the seed given.
import hashlib
import json
import sys

KNOWN = {
    "": "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    "abc": "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
           "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu":
        "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
        "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
}
MILLION_A = ("e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
             "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b")


def digest(message):
    return hashlib.sha512(message).hexdigest()


def message(length):
    return bytes((131 * i + length) % 251 for i in range(length))


def monte_carlo(seed, checkpoints):
    out = []
    for _ in range(checkpoints):
        a = b = c = seed
        for _ in range(1000):
            a, b, c = b, c, hashlib.sha512(a + b + c).digest()
        seed = c
        out.append(seed.hex())
    return out


for text, expected in KNOWN.items():
    assert digest(text.encode()) == expected, text
assert digest(b"a" * 1_000_000) == MILLION_A

lengths = list(range(0, 34)) + list(range(104, 146)) + list(range(232, 262)) + [
    383, 384, 511, 512, 1000, 4095, 4096, 4097, 65537]
seed = hashlib.sha512(b"Wellspring Monte Carlo").digest()
json.dump({
    "known": [{"message": m, "digest": d} for m, d in KNOWN.items()],
    "millionA": MILLION_A,
    "lengths": [{"length": n, "digest": digest(message(n))} for n in lengths],
    "monteCarlo": {"seed": seed.hex(), "checkpoints": monte_carlo(seed, 10)},
}, sys.stdout, indent=1)
print()
