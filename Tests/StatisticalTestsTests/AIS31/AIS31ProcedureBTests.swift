// Tests of procedure B (AIS 20/31 version 2.0, T6 to T8). Expected numbers come from an independent
// program with exact sums.
// SPDX-License-Identifier: Apache-2.0

import StatisticalTests
import Testing

@Suite("AIS 31 procedure B")
struct AIS31ProcedureBTests {
    @Test("finds the same numbers as an independent program")
    func uniform() throws {
        let bits = BitSequence(symbols: SeededBytes.uniform(seed: 1, count: 873_100))
        let procedure = AIS31ProcedureB(bits)
        #expect(procedure.verdict == .passed)
        #expect(procedure.usedBits == 6_984_109)
        let run = procedure.first
        #expect(run.uniformity.value?.ones == 49_750)
        let shares = try #require(run.transitionShares.value)
        #expect(shares.onesAfterZero == 50_207)
        #expect(shares.onesAfterOne == 50_150)
        let two = try #require(run.homogeneity2.value)
        #expect(two.ones == [49_913, 49_878, 49_959, 50_218])
        expect(two.statistics, near: [0.0423200693372016, 2.312002130741164])
        let three = try #require(run.homogeneity3.value)
        #expect(
            three.ones == [50_206, 49_897, 49_579, 49_913, 50_164, 49_965, 50_040, 49_980]
        )
        expect(
            three.statistics,
            near: [
                0.03528048298981213, 0.0924801761192474, 4.250481700417412, 0.08978010278923967,
            ]
        )
        let entropy = try #require(run.entropy.value)
        #expect(abs(entropy.bitsPerWord - 8.005266122101064) < 1e-12)
    }

    @Test("constant data fails as soon as T6 sees it", arguments: [UInt8(0), 255])
    func constant(byte: UInt8) {
        let bits = BitSequence(symbols: [UInt8](repeating: byte, count: 50_000))
        let procedure = AIS31ProcedureB(bits)
        #expect(procedure.verdict == .failed)
        #expect(procedure.first.uniformity.value?.passed == false)
        #expect(procedure.first.transitionShares == .notApplicable(.ranOut(givenBits: 400_000)))
        #expect(procedure.first.entropy == .notApplicable(.ranOut(givenBits: 400_000)))
        #expect(procedure.second == nil)
    }

    @Test("bits that tend to stay fail T6b, not T6a")
    func sticky() throws {
        // A bit differs from the one before with probability 1/4: two random bits are both one.
        let random = SeededBytes.uniform(seed: 51, count: 160_000)
        var bits = BitSequence()
        var bit: UInt64 = 0
        for byte in random {
            for shift in stride(from: UInt64(0), to: 8, by: 2) {
                if byte >> UInt8(shift) & 3 == 3 { bit ^= 1 }
                bits.append(bit, width: 1)
            }
        }
        let run = AIS31ProcedureB(bits).first
        #expect(run.uniformity.value?.passed == true)
        let shares = try #require(run.transitionShares.value)
        #expect(abs(shares.difference - 0.5) < 0.02)
        #expect(!shares.passed)
    }

    @Test("what is too short is not judged", arguments: [0, 1, 12_499])
    func tooShort(count: Int) {
        let bits = BitSequence(symbols: SeededBytes.uniform(seed: 52, count: count))
        let procedure = AIS31ProcedureB(bits)
        #expect(procedure.verdict == .notApplicable)
        #expect(procedure.usedBits == 0)
        #expect(
            procedure.first.uniformity
                == .notApplicable(.tooShort(neededBits: 100_000, givenBits: count * 8))
        )
    }

    @Test("an end between two tests leaves the later ones out")
    func endInTheMiddle() {
        let bits = BitSequence(symbols: SeededBytes.uniform(seed: 1, count: 65_000))
        let procedure = AIS31ProcedureB(bits)
        #expect(procedure.verdict == .notApplicable)
        #expect(procedure.usedBits == 500_398)
        #expect(procedure.first.transitionShares.value?.onesAfterZero == 50_207)
        #expect(procedure.first.homogeneity2 == .notApplicable(.ranOut(givenBits: 520_000)))
        #expect(!procedure.first.isComplete)
        #expect(procedure.first.failedTests == 0)
    }

    private func expect(_ values: [Double], near expected: [Double]) {
        #expect(values.count == expected.count)
        for (value, other) in zip(values, expected) { #expect(abs(value - other) < 1e-12) }
    }
}
