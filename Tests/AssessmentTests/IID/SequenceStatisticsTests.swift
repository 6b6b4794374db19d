// Tests of the passes over a sequence (SP 800-90B, sections 5.1.1 to 5.1.10).
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Assessment

@Suite("Sequence statistics")
struct SequenceStatisticsTests {
    @Test(
        "gives the values that follow from the definitions",
        arguments: NamedSequence.symbols(300)
    )
    func definitions(sequence: NamedSequence) {
        let symbols = sequence.symbols
        symbols.withUnsafeBufferPointer {
            let statistics = SequenceStatistics(base: $0.baseAddress!, count: $0.count)
            let mean = symbols.reduce(0.0) { $0 + Double($1) } / Double(symbols.count)
            var (sum, furthest) = (0.0, 0.0)
            for symbol in symbols {
                sum += Double(symbol) - mean
                furthest = max(furthest, abs(sum))
            }
            #expect(abs(statistics.excursion() - furthest) < 1e-9)

            let steps = zip(symbols, symbols.dropFirst()).map { $0 <= $1 }
            #expect(statistics.directionalRuns() == Self.runs(steps))
            #expect(statistics.thresholdRuns(3) == Self.runs(symbols.map { $0 >= 3 }))

            for lag in PermutationStatistic.lags {
                let pairs = Array(zip(symbols, symbols.dropFirst(lag)))
                #expect(statistics.periodicity(lag) == pairs.count { $0 == $1 })
                #expect(
                    statistics.covariance(lag) == pairs.reduce(0) { $0 + Int($1.0) * Int($1.1) }
                )
            }

            let lengths = Self.collisions(symbols)
            let collisions = statistics.collisions()
            #expect(collisions.largest == lengths.max() ?? 0)
            let total = Double(lengths.reduce(0, +))
            #expect(collisions.average == (lengths.isEmpty ? 0 : total / Double(lengths.count)))
        }
    }

    @Test("counts without running over in long sequences of large symbols")
    func longSequences() {
        let symbols = [UInt8](repeating: 255, count: 40_000)
        symbols.withUnsafeBufferPointer {
            let statistics = SequenceStatistics(base: $0.baseAddress!, count: $0.count)
            #expect(statistics.periodicity(1) == 39_999)
            #expect(statistics.covariance(32) == 39_968 * 255 * 255)
            #expect(statistics.excursion() == 0)
            #expect(statistics.thresholdRuns(255) == .init(count: 1, longest: 40_000, ones: 40_000))
        }
    }

    private static func runs(_ bits: [Bool]) -> SequenceStatistics.Runs {
        var lengths: [Int] = []
        for (place, bit) in bits.enumerated() {
            if place > 0 && bits[place - 1] == bit {
                lengths[lengths.count - 1] += 1
            } else {
                lengths.append(1)
            }
        }
        return .init(count: lengths.count, longest: lengths.max() ?? 0, ones: bits.count { $0 })
    }

    private static func collisions(_ symbols: [UInt8]) -> [Int] {
        var lengths: [Int] = []
        var seen: [UInt8] = []
        for symbol in symbols {
            seen.append(symbol)
            if seen.dropLast().contains(symbol) {
                lengths.append(seen.count)
                seen = []
            }
        }
        return lengths
    }
}
