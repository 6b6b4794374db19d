// The cut-offs against published tables and against multiple precision.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import Foundation
import HealthTests
import Testing

@Suite struct HealthCutoffTests {
    struct Row: Decodable {
        var log2Alpha: Int
        var entropy: Double
        var window: Int
        var repetition: Int
        var proportion: Int
        var proportionOfText: Int

        enum CodingKeys: String, CodingKey {
            case log2Alpha = "alpha_log2"
            case entropy = "H"
            case window = "W"
            case repetition = "rct"
            case proportion = "apt_exact"
            case proportionOfText = "apt_text"
        }
    }

    @Test("every row of the multiple-precision table is met exactly")
    func multiplePrecision() throws {
        let url = try #require(
            Bundle.module.url(
                forResource: "health_cutoffs",
                withExtension: "json",
                subdirectory: "Vectors"
            )
        )
        let rows = try JSONDecoder().decode([Row].self, from: Data(contentsOf: url))
        #expect(rows.count == 216)
        for row in rows {
            let repetition = HealthCutoff.repetitionCount(
                minEntropy: h(row.entropy),
                log2Alpha: -Double(row.log2Alpha)
            )
            let proportion = HealthCutoff.adaptiveProportion(
                minEntropy: h(row.entropy),
                log2Alpha: -Double(row.log2Alpha),
                windowLength: row.window
            )
            let ofText = HealthCutoff.adaptiveProportionOfText(
                minEntropy: h(row.entropy),
                log2Alpha: -Double(row.log2Alpha),
                windowLength: row.window
            )
            #expect(ofText == row.proportionOfText)
            #expect(repetition == row.repetition, "H \(row.entropy), alpha 2^\(row.log2Alpha)")
            #expect(
                proportion == row.proportion,
                "H \(row.entropy), alpha 2^\(row.log2Alpha), \(row.window)"
            )
        }
    }

    /// Published tables of jitterentropy 3.7.1, H = margin / oversampling rate, window 512.
    @Test(
        "the published adaptive proportion tables are met as far as printed",
        arguments: [
            (
                1.0, 30.0,
                [325, 422, 459, 477, 488, 494, 499, 502, 505, 507, 508, 509, 510, 511, 512]
                    + [512, 512, 512, 512, 512]
            ),
            (
                1.0, 60.0,
                [355, 447, 479, 494, 502, 507, 510, 512] + [Int](repeating: 512, count: 12)
            ),
            (8.0, 30, [17, 71, 136, 191]),
            (8.0, 60, [26, 92, 162, 221]),
        ]
    )
    func adaptiveProportion(margin: Double, log2Alpha: Double, table: [Int]) {
        for (i, expected) in table.enumerated() {
            let cutoff = HealthCutoff.adaptiveProportion(
                minEntropy: h(margin / Double(i + 1)),
                log2Alpha: log2Alpha,
                windowLength: 512
            )
            #expect(cutoff == expected, "rate \(i + 1)")
        }
    }

    @Test(
        "the published lag tables are met as far as printed",
        arguments: [
            (22.0, [66_443, 93_504, 104_761, 110_875], [38, 75, 111, 146]),
            (44.0, [66_876, 93_896, 105_108, 111_188], [60, 119, 177, 234]),
        ]
    )
    func lag(log2Alpha: Double, global: [Int], run: [Int]) {
        for i in 0..<4 {
            let entropy = h(1 / Double(i + 1))
            #expect(
                HealthCutoff.lagGlobal(minEntropy: entropy, log2Alpha: log2Alpha) == global[i]
            )
            #expect(HealthCutoff.lagRun(minEntropy: entropy, log2Alpha: log2Alpha) == run[i])
        }
    }

    @Test("the published stuck table is met", arguments: 1...20)
    func stuck(rate: Int) {
        let entropy = h(1 / Double(rate))
        #expect(HealthCutoff.stuck(minEntropy: entropy, log2Alpha: 30) == 30 * rate)
        #expect(HealthCutoff.stuck(minEntropy: entropy, log2Alpha: 60) == 60 * rate)
    }

    @Test("claims too small to test, zero included, are tested at one twentieth of a bit")
    func leastMinEntropy() {
        for tiny in [0, .leastNonzeroMagnitude, 1e-9, 0.049] {
            #expect(HealthCutoff.repetitionCount(minEntropy: h(tiny), log2Alpha: 30) == 601)
            #expect(HealthCutoff.stuck(minEntropy: h(tiny), log2Alpha: 30) == 600)
            #expect(HealthCutoff.lagRun(minEntropy: h(tiny), log2Alpha: 30) < 1_024 - 8)
            #expect(
                HealthCutoff.lagGlobal(minEntropy: h(tiny), log2Alpha: 60)
                    < LagPredictorTest.windowTrials
            )
        }
    }

    @Test("every claim has limits above zero, the permanent one not below the intermittent")
    func total() {
        for step in 0...100 {
            let entropy = h(Double(step) / 10)
            let cutoffs: [(Double) -> Int] = [
                { HealthCutoff.repetitionCount(minEntropy: entropy, log2Alpha: $0) },
                {
                    HealthCutoff.adaptiveProportion(
                        minEntropy: entropy,
                        log2Alpha: $0,
                        windowLength: 512
                    )
                },
                { HealthCutoff.lagGlobal(minEntropy: entropy, log2Alpha: $0) },
                { HealthCutoff.lagRun(minEntropy: entropy, log2Alpha: $0) },
                { HealthCutoff.stuck(minEntropy: entropy, log2Alpha: $0) },
            ]
            for cutoff in cutoffs {
                #expect(cutoff(30) >= 1)
                #expect(cutoff(30) <= cutoff(60))
            }
        }
    }
}
