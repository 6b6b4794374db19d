// Tests of the incomplete gamma function.
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Glibc
import Testing

@Suite("Incomplete gamma function")
struct IncompleteGammaTests {
    @Test(
        "agrees with values of 50 digits' precision",
        // a, x, Q(a, x) from mpmath 1.3 with mp.dps = 50: gammainc(a, x, inf, regularized=True)
        arguments: [
            (0.5, 0.1, 0.65472084601857702),
            (4.5, 3.2, 0.69931257086640817),
            (4.5, 30, 1.3406780483959613e-9),
            (127.5, 120, 0.7415164479304231),
            (127.5, 180, 1.5934272619916326e-5),
            (1023, 1000, 0.76242366695856421),
            (1023, 1200, 7.4474134781820942e-8),
            (4000, 3900, 0.94399564735793117),
            (4000, 4300, 1.7846744015787966e-6),
            (3906, 3906, 0.49787223672382945),
        ] as [(Double, Double, Double)]
    )
    func published(a: Double, x: Double, expected: Double) {
        #expect(abs(upperIncompleteGamma(a, x) - expected) <= 1e-11 * expected)
    }

    @Test("is a closed expression for whole and half a")
    func closed() {
        for x in [0.001, 0.5, 1, 2, 10, 50] {
            #expect(abs(upperIncompleteGamma(1, x) - exp(-x)) <= 1e-14 * exp(-x))
            #expect(abs(upperIncompleteGamma(0.5, x) - erfc(sqrt(x))) <= 1e-12 * erfc(sqrt(x)))
        }
    }

    @Test("has an answer at the edges")
    func edges() {
        #expect(upperIncompleteGamma(0, 0) == 1)
        #expect(upperIncompleteGamma(0, 1) == 0)
        #expect(upperIncompleteGamma(5, 0) == 1)
        #expect(upperIncompleteGamma(5, 1e6) == 0)
    }
}
