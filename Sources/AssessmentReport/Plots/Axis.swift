// The axis of a plot: its range and where its ticks stand.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A range of values with ticks at round numbers inside it.
package struct Axis: Equatable {
    package let lower: Double
    package let upper: Double
    package let ticks: [Tick]

    package struct Tick: Equatable {
        package let value: Double
        package let text: String
    }

    /// An axis over the range, with about `count` ticks that are at least `minimumStep` apart.
    /// An empty or endless range is widened or narrowed to one that can be drawn.
    package init(_ first: Double, _ second: Double, count: Int, minimumStep: Double = 0) {
        let range = Self.drawable(first, second)
        lower = range.lowerBound
        upper = range.upperBound
        let step = Self.step(for: (upper - lower) / Double(max(count, 1)), atLeast: minimumStep)
        // A hair of the step, so that an end that is a tick stays one.
        let slack = step * 1e-6
        let firstTick = ceil((lower - slack) / step)
        let lastTick = floor((upper + slack) / step)
        guard firstTick <= lastTick, lastTick - firstTick < 100 else {
            ticks = []
            return
        }
        let magnitude = max(lower.magnitude, upper.magnitude)
        ticks = (0...Int(lastTick - firstTick)).map { index in
            let value = (firstTick + Double(index)) * step
            let text = Self.text(value, step: step, magnitude: magnitude)
            return Tick(value: value, text: NumberText.typeset(text))
        }
    }

    /// Place of a value, 0 at the lower and 1 at the upper end; outside values lie at the ends.
    package func fraction(of value: Double) -> Double {
        min(max((value - lower) / (upper - lower), 0), 1)
    }

    /// The range widened so that its ends are ticks.
    package static func rounded(_ first: Double, _ second: Double, count: Int) -> Axis {
        let range = drawable(first, second)
        let step = step(
            for: (range.upperBound - range.lowerBound) / Double(max(count, 1)),
            atLeast: 0
        )
        let slack = 1e-6
        return Axis(
            floor(range.lowerBound / step + slack) * step,
            ceil(range.upperBound / step - slack) * step,
            count: count
        )
    }

    /// The smallest of 1, 2 and 5 times a power of ten that is neither below `raw` nor `minimum`.
    private static func step(for raw: Double, atLeast minimum: Double) -> Double {
        let wanted = max(raw, minimum.isFinite ? minimum : 0)
        let power = pow(10, Double(NumberText.exponent(of: wanted)))
        let slack = 1 + 1e-9
        for factor in [1.0, 2, 5] where factor * power * slack >= wanted { return factor * power }
        return 10 * power
    }

    /// Finite, increasing, and wide enough for its ticks to differ.
    private static func drawable(_ first: Double, _ second: Double) -> ClosedRange<Double> {
        let ends = [first, second].map { $0.isFinite ? min(max($0, -limit), limit) : 0 }
        let lower = min(ends[0], ends[1])
        let upper = max(ends[0], ends[1])
        let magnitude = max(lower.magnitude, upper.magnitude)
        guard upper - lower <= magnitude * 1e-9 || upper - lower < 1 / limit else {
            return lower...upper
        }
        let margin = magnitude < 1 / limit ? 1 : magnitude / 10
        return lower - margin...upper + margin
    }

    private static func text(_ value: Double, step: Double, magnitude: Double) -> String {
        if magnitude >= 1e12 || magnitude < 1e-3 {
            return value.magnitude < step / 2 ? "0" : NumberText.scientific(value, digits: 4)
        }
        let unit = NumberText.Unit.largest(notAbove: magnitude)
        let decimals = max(0, -NumberText.exponent(of: step / unit.size * (1 + 1e-9)))
        let digits = NumberText.fixed(value / unit.size, decimals: decimals)
        return value.magnitude < step / 2 ? "0" : digits + unit.suffix
    }

    /// Ends beyond this are cut, so that no difference or quotient of them overflows.
    private static let limit = 1e100
}
