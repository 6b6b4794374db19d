// Test procedure B (AIS 20/31 version 2.0, section 2.4.4.2): T6, T7 and T8 on bits in succession.
// SPDX-License-Identifier: Apache-2.0

/// Procedure B, repeated once if exactly one of its five tests fails. Ideal data passes with
/// probability .9998 and takes about 6.98 million bits.
package struct AIS31ProcedureB: Sendable, Equatable, Encodable {
    /// Bits given.
    package let givenBits: Int
    /// Bits tested, both runs together.
    package let usedBits: Int
    package let first: AIS31RunB
    /// The repetition, on the bits behind the first run; nil if it is not called for.
    package let second: AIS31RunB?

    /// Tests a sequence from its start.
    package init(_ bits: BitSequence) {
        givenBits = bits.count
        let one = AIS31RunB(bits, from: 0)
        first = one
        second = one.failedTests == 1 && one.isComplete ? AIS31RunB(bits, from: one.bitsUsed) : nil
        usedBits = one.bitsUsed + (second?.bitsUsed ?? 0)
    }

    /// Two failed tests fail the procedure even if others could not run. So does T6 alone if the bits then
    /// run out, as those of constant data do: its bounds lie more than eight standard deviations from the
    /// mean of ideal data, which no repetition would bring back.
    package var verdict: AIS31Verdict {
        if first.failedTests > 1 { return .failed }
        guard first.isComplete else {
            if first.uniformity.value?.passed == false { return .failed }
            if first.transitionShares.value?.passed == false { return .failed }
            return first.failedTests == 1 ? .repetitionNeeded : .notApplicable
        }
        let repetition: Int?? = second.map { run in
            run.isComplete || run.failedTests > 0 ? run.failedTests : nil
        }
        return .of(first.failedTests, repetition: repetition)
    }
}

/// One run of procedure B; each test takes the bits behind those of the one before.
package struct AIS31RunB: Sendable, Equatable, Encodable {
    /// Bits taken by the tests that could run.
    package let bitsUsed: Int
    /// T6a.
    package let uniformity: AIS31Outcome<AIS31Uniformity>
    /// T6b.
    package let transitionShares: AIS31Outcome<AIS31TransitionShares>
    /// T7a, histories of two bits.
    package let homogeneity2: AIS31Outcome<AIS31Homogeneity>
    /// T7b, histories of three bits.
    package let homogeneity3: AIS31Outcome<AIS31Homogeneity>
    /// T8.
    package let entropy: AIS31Outcome<AIS31Entropy>

    /// Whether all five tests could run.
    package var isComplete: Bool { verdicts.allSatisfy { $0 != nil } }
    /// Tests that failed, of five.
    package var failedTests: Int { verdicts.count { $0 == false } }

    private var verdicts: [Bool?] {
        [
            uniformity.value?.passed, transitionShares.value?.passed, homogeneity2.value?.passed,
            homogeneity3.value?.passed, entropy.value?.passed,
        ]
    }

    /// Runs the tests from `start` on. Once the bits have run out, the tests behind are not applicable.
    init(_ bits: BitSequence, from start: Int) {
        var position = start
        let given = bits.count - start
        let needed = AIS31.transitionCount
        if given >= needed {
            var ones = 0
            while position < start + needed {
                let width = min(50, start + needed - position)
                ones += bits.bits(at: position, width).nonzeroBitCount
                position += width
            }
            uniformity = .value(AIS31Uniformity(ones: ones))
        } else {
            uniformity = .notApplicable(.tooShort(neededBits: needed, givenBits: given))
            position = bits.count
        }
        var used = uniformity.value == nil ? start : position
        let ranOut = AIS31Inapplicability.ranOut(givenBits: given)

        if let counter = TransitionCounter(bits, from: &position, width: 2) {
            transitionShares = .value(
                AIS31TransitionShares(
                    onesAfterZero: counter.ones[0],
                    onesAfterOne: counter.ones[1]
                )
            )
            used = position
        } else {
            transitionShares = .notApplicable(ranOut)
            position = bits.count
        }
        if let counter = TransitionCounter(bits, from: &position, width: 3) {
            homogeneity2 = .value(AIS31Homogeneity(ones: counter.ones))
            used = position
        } else {
            homogeneity2 = .notApplicable(ranOut)
            position = bits.count
        }
        if let counter = TransitionCounter(bits, from: &position, width: 4) {
            homogeneity3 = .value(AIS31Homogeneity(ones: counter.ones))
            used = position
        } else {
            homogeneity3 = .notApplicable(ranOut)
            position = bits.count
        }
        if position + AIS31Entropy.bitCount <= bits.count {
            entropy = .value(AIS31Entropy(bits, from: position))
            used = position + AIS31Entropy.bitCount
        } else if position < bits.count {
            entropy = .notApplicable(
                .tooShort(
                    neededBits: position - start + AIS31Entropy.bitCount,
                    givenBits: given
                )
            )
        } else {
            entropy = .notApplicable(ranOut)
        }
        bitsUsed = used - start
    }
}
