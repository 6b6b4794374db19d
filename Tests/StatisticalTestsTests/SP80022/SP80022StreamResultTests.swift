// Tests of SP 800-22's P-values against the reference program and the examples of the standard.
// SPDX-License-Identifier: Apache-2.0

import StatisticalTests
import Testing

@Suite("SP 800-22 stream result")
struct SP80022StreamResultTests {
    @Test("agrees with all 188 P-values of the reference program")
    func piVector() throws {
        try expectAgreement("pi")
    }

    @Test(
        "agrees with the reference program on other data",
        .enabled(if: isSP80022Optimised, "needs a release build to finish in time"),
        arguments: ["e", "sqrt2", "sha1"]
    )
    func otherVectors(name: String) throws {
        try expectAgreement(name)
    }

    /// Measured: 6e-9 at most, in the random excursions, whose probabilities the reference rounds.
    private func expectAgreement(_ name: String) throws {
        let vector = try SP80022Vector(named: name)
        let result = SP80022StreamResult(try vector.bits(name))
        #expect(result.entries.map(\.test) == SP80022Test.allCases)
        #expect(Set(vector.pValues.keys) == Set(SP80022Test.allCases.map(\.rawValue)))
        for entry in result.entries {
            let expected = try #require(vector.pValues[entry.test.rawValue])
            if case .notApplicable(.tooFewCycles(needed: 500, given: _)) = entry.outcome {
                #expect(expected.allSatisfy { $0 == 0 })
                continue
            }
            let values = entry.outcome.pValues
            #expect(values.count == expected.count, "\(entry.test)")
            for (value, expected) in zip(values, expected) {
                #expect(abs(value - expected) < 1e-8, "\(entry.test)")
            }
        }
    }

    @Test(
        "agrees with the examples of the standard for the first hundred bits of pi",
        arguments: [
            // Sections 2.1.8, 2.3.8, 2.13.8
            (SP80022Test.frequency, [0.109599]), (.runs, [0.500798]),
            (.cumulativeSums, [0.219194, 0.114866]),
        ]
    )
    func hundredBits(test: SP80022Test, expected: [Double]) throws {
        let bits = try BitSequence(
            ascii: Array(
                """
                11001001000011111101101010100010001000010110100011
                00001000110100110001001100011001100010100010111000
                """.utf8
            )
        )
        let values = SP80022StreamResult(bits)[test].pValues
        #expect(values.count == expected.count)
        #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 5e-7 })
    }

    @Test("agrees with the example of the standard for the longest run (section 2.4.8)")
    func longestRun() throws {
        let bits = try BitSequence(
            ascii: Array(
                """
                11001100000101010110110001001100111000000000001001
                00110101010001000100111101011010000000110101111100
                1100111001101101100010110010
                """.utf8
            )
        )
        #expect(bits.count == 128)
        let values = SP80022StreamResult(bits)[.longestRun].pValues
        #expect(values.count == 1)
        #expect(values.allSatisfy { abs($0 - 0.180609) < 5e-7 })
    }

    @Test("agrees with the example of the standard for the rank test (section 2.5.8)")
    func rank() throws {
        let bits = try SP80022Vector(named: "e").bits("e", count: 100_000)
        let values = SP80022StreamResult(bits)[.rank].pValues
        #expect(values.count == 1)
        #expect(values.allSatisfy { abs($0 - 0.532069) < 5e-7 })
    }

    @Test(
        "agrees with the examples of the standard for a million bits of e",
        .enabled(if: isSP80022Optimised, "needs a release build to finish in time")
    )
    func millionBits() throws {
        let bits = try SP80022Vector(named: "e").bits("e")
        let parameters = try SP80022Parameters(serialLength: 2, linearComplexityLength: 1000)
        let result = SP80022StreamResult(bits, parameters: parameters)
        // Sections 2.8.8, 2.10.8, 2.11.8
        let expected: [(SP80022Test, [Double])] = [
            (.overlappingTemplate, [0.110434]), (.linearComplexity, [0.845406]),
            (.serial, [0.843764, 0.561915]),
        ]
        for (test, expected) in expected {
            #expect(result[test].pValues.count == expected.count)
            for (value, expected) in zip(result[test].pValues, expected) {
                #expect(abs(value - expected) < 5e-6, "\(test)")
            }
        }
    }

    @Test("a stream may begin at any bit", arguments: [0, 1, 63, 64, 77])
    func offsets(start: Int) {
        let (packed, digits) = SP80022Generator.bits(seed: 1, count: 2_200)
        var worker = SP80022Worker(bitCount: 2_001)
        var stream = BitSequence()
        for digit in digits[start..<start + 2_001] { stream.append(UInt64(digit), width: 1) }
        #expect(worker.test(packed, from: start) == SP80022StreamResult(stream))
    }

    @Test("a worker keeps nothing of the streams before")
    func reuse() {
        let (first, _) = SP80022Generator.bits(seed: 2, count: 5_000)
        let (second, _) = SP80022Generator.bits(seed: 3, count: 5_000)
        var worker = SP80022Worker(bitCount: 5_000)
        let fresh = worker.test(first)
        #expect(worker.test(second) != fresh)
        #expect(worker.test(first) == fresh)
    }

    @Test("tests that need more bits do not apply", arguments: [0, 1, 99, 100, 127, 128, 999])
    func shortStreams(count: Int) {
        let (bits, _) = SP80022Generator.bits(seed: 4, count: count)
        let result = SP80022StreamResult(bits)
        #expect(result.bitCount == count)
        let applicable = result.entries.filter { $0.outcome.inapplicability == nil }.map(\.test)
        let always: [SP80022Test] = [.frequency, .cumulativeSums, .runs]
        switch count {
        case 0..<100: #expect(applicable == [])
        case 100..<128: #expect(applicable == always)
        default:
            #expect(
                applicable == [.frequency, .blockFrequency, .cumulativeSums, .runs, .longestRun]
            )
        }
        #expect(result[.spectral] == .notApplicable(.tooShort(needed: 1000, given: count)))
    }

    @Test(
        "hopeless data yield P-values, never a number that is none",
        arguments: ["0", "1", "01", "0011", "00000001"]
    )
    func hopeless(pattern: String) throws {
        let text = String(repeating: pattern, count: 40_000 / pattern.count)
        let parameters = try SP80022Parameters(approximateEntropyLength: 4, serialLength: 5)
        let bits = try BitSequence(ascii: Array(text.utf8))
        let result = SP80022StreamResult(bits, parameters: parameters)
        for entry in result.entries {
            #expect(entry.outcome.pValues.allSatisfy { (0...1).contains($0) }, "\(entry.test)")
        }
        #expect(result[.approximateEntropy].pValues == [0])
        #expect(result[.serial].pValues[0] == 0)
    }
}
