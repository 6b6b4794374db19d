// Tests of numbers as text.
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport
import Testing

@Suite("Number text")
struct NumberTextTests {
    @Test(
        "rounds to the decimals wanted",
        arguments: [
            (0.41037, 2, "0.41"), (-0.0004, 2, "0.00"), (-1.5, 1, "-1.5"), (0.05, 2, "0.05"),
            (12, 0, "12"), (1e300, 2, "1e300"), (.nan, 2, "none"), (-.infinity, 0, "-∞"),
        ]
    )
    func fixed(value: Double, decimals: Int, text: String) {
        #expect(NumberText.fixed(value, decimals: decimals) == text)
    }

    @Test(
        "keeps four digits",
        arguments: [
            (0, "0"), (12, "12"), (88_384, "88,384"), (0.41371, "0.4137"), (0.5, "0.5"),
            (1_024_000, "1.024M"), (3.25e-7, "3.25e-7"), (-0.002564, "-0.002564"),
            (9.9999e-5, "1e-4"), (2e12, "2e12"), (.leastNonzeroMagnitude, "4.94e-324"),
        ]
    )
    func short(value: Double, text: String) {
        #expect(NumberText.short(value) == text)
    }

    @Test(
        "groups digits by threes",
        arguments: [(0, "0"), (999, "999"), (1_000_000, "1,000,000"), (-1_234, "-1,234")]
    )
    func grouped(value: Int, text: String) {
        #expect(NumberText.grouped(value) == text)
    }
}
