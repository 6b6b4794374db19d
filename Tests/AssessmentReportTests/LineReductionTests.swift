// Tests of the reduction of lines to pixels.
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport
import Testing

@Suite("Line reduction")
struct LineReductionTests {
    @Test("keeps every point of a short line, in pieces where values are missing")
    func short() {
        let reduction = LineReduction([1, 2, .nan, 3, .infinity, .nan], columns: 10)
        #expect(reduction.pieces.map { $0.map(\.index) } == [[0, 1], [3]])
    }

    @Test("loses no peak of a long line and keeps two points per column")
    func long() {
        var values = [Double](repeating: 0, count: 100_000)
        values[12_345] = 9
        values[12_346] = -9
        let reduction = LineReduction(values, columns: 100)
        let points = reduction.pieces.flatMap { $0 }
        #expect(reduction.pieces.count == 1)
        #expect(points.count <= 200)
        #expect(points.contains { $0.index == 12_345 && $0.value == 9 })
        #expect(points.contains { $0.index == 12_346 && $0.value == -9 })
        #expect(points.map(\.index) == points.map(\.index).sorted())
    }

    @Test(
        "of nothing is nothing",
        arguments: [[], [Double.nan], [Double](repeating: .nan, count: 99)]
    )
    func nothing(values: [Double]) {
        #expect(LineReduction(values, columns: 3).pieces.isEmpty)
    }
}
