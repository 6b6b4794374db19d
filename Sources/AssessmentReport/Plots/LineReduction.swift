// Reduction of a line to what its pixels can show.
// SPDX-License-Identifier: Apache-2.0

/// The points of a line, of which no peak is lost however many there are.
package struct LineReduction: Equatable {
    package struct Point: Equatable {
        package let index: Int
        package let value: Double
    }

    /// Unbroken pieces of the line, none empty. Values that are not finite separate them.
    package let pieces: [[Point]]

    /// Keeps the smallest and the largest value of each of `columns` pixel columns, in their order.
    package init(_ values: [Double], columns: Int) {
        let columns = max(columns, 1)
        var pieces: [[Point]] = []
        var piece: [Point] = []
        func finish() {
            if !piece.isEmpty { pieces.append(piece) }
            piece = []
        }
        if values.count <= 2 * columns {
            for (index, value) in values.enumerated() {
                if value.isFinite {
                    piece.append(Point(index: index, value: value))
                } else {
                    finish()
                }
            }
        } else {
            for column in 0..<columns {
                let start = values.count * column / columns
                let end = values.count * (column + 1) / columns
                let points = Self.extremes(values, start..<end)
                if points.isEmpty { finish() } else { piece += points }
            }
        }
        finish()
        self.pieces = pieces
    }

    /// The smallest and the largest finite value; one point if they are the same.
    private static func extremes(_ values: [Double], _ range: Range<Int>) -> [Point] {
        var smallest: Int?
        var largest: Int?
        for index in range where values[index].isFinite {
            if smallest == nil || values[index] < values[smallest!] { smallest = index }
            if largest == nil || values[index] > values[largest!] { largest = index }
        }
        guard let smallest, let largest else { return [] }
        let indices = smallest == largest ? [smallest] : [smallest, largest].sorted()
        return indices.map { Point(index: $0, value: values[$0]) }
    }
}
