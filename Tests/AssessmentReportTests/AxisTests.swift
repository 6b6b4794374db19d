// Tests of axes and their ticks.
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport
import Testing

@Suite("Axis")
struct AxisTests {
    @Test("puts ticks at round numbers within the range")
    func ticks() {
        let axis = Axis(-0.0026, 0.0032, count: 5)
        #expect(axis.ticks.map(\.text) == ["−0.002", "0", "0.002"])
        #expect(axis.ticks.allSatisfy { $0.value >= axis.lower && $0.value <= axis.upper })
    }

    @Test(
        "shortens large numbers and keeps whole what is counted",
        arguments: [
            (0.0, 1_000_000.0, 0.0, ["0", "0.2M", "0.4M", "0.6M", "0.8M", "1.0M"]),
            (0, 80_000, 0, ["0", "20k", "40k", "60k", "80k"]),
            (-0.5, 1.5, 1, ["0", "1"]),
            (
                0, 1e-6, 0,
                ["0", "2e-7", "4e-7", "6e-7", "8e-7", "1e-6"].map { $0.replacing("-", with: "−") }
            ),
        ]
    )
    func texts(first: Double, last: Double, minimumStep: Double, texts: [String]) {
        let axis = Axis(first, last, count: 5, minimumStep: minimumStep)
        #expect(axis.ticks.map(\.text) == texts)
    }

    @Test("widens a range to ticks at its ends")
    func rounded() {
        let axis = Axis.rounded(0.3, 88_384, count: 5)
        #expect(axis.lower == 0)
        #expect(axis.upper == 100_000)
        #expect(axis.ticks.last?.value == 100_000)
    }

    @Test(
        "can be drawn whatever the range",
        arguments: [
            (0.0, 0.0), (5, 5), (-3, -3), (.nan, 1), (.infinity, -.infinity), (1e-300, 2e-300),
            (-Double.greatestFiniteMagnitude, .greatestFiniteMagnitude), (1, 1 + 1e-15),
            (1e300, 1e300), (7, 3),
        ]
    )
    func degenerate(first: Double, last: Double) {
        for axis in [Axis(first, last, count: 5), .rounded(first, last, count: 5)] {
            #expect(axis.lower < axis.upper)
            #expect(axis.lower.isFinite && axis.upper.isFinite)
            #expect(!axis.ticks.isEmpty && axis.ticks.count <= 12)
            #expect((0...1).contains(axis.fraction(of: 4)))
        }
    }
}
