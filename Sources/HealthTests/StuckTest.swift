// The stuck test: runs of time differences whose first, second or third difference is zero.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// Fails when samples too often in a row continue a constant (first difference zero), a fixed stride
/// (second) or an evenly growing stride (third).
///
/// Each of the three differences is a guess of the next sample, right with a probability of at most
/// 2^-H; so each has a run of its own with the cut-off of a repetition count. (One run of "any of the
/// three" would need a cut-off for three guesses: narrow samples would fail by chance.)
/// Differences are taken modulo 2^sampleBits, so that a recording of the assessed bits gives the
/// verdict of the live source, and a progression that wraps around is still one.
package struct StuckTest: Sendable {
    package let intermittentCutoff: Int
    package let permanentCutoff: Int
    /// Lengths of the present runs of zero first, second and third differences.
    package private(set) var firstRun = 0
    package private(set) var secondRun = 0
    package private(set) var thirdRun = 0
    private let mask: UInt8
    /// Samples until all three differences exist.
    private var warmUp = 3
    private var last: UInt8 = 0
    private var lastFirst: UInt8 = 0
    private var lastSecond: UInt8 = 0

    package init(minEntropy: BitsPerSample, sampleBits: Int, policy: HealthPolicy = .standard) {
        mask = UInt8(truncatingIfNeeded: (1 << sampleBits) - 1)
        intermittentCutoff = HealthCutoff.stuck(
            minEntropy: minEntropy,
            log2Alpha: policy.intermittentLog2Alpha
        )
        permanentCutoff = HealthCutoff.stuck(
            minEntropy: minEntropy,
            log2Alpha: policy.permanentLog2Alpha
        )
    }

    package mutating func feed(_ symbol: UInt8) -> HealthOutcome {
        advance(symbol)
        return outcome
    }

    @inline(__always)
    mutating func advance(_ symbol: UInt8) {
        let first = (symbol &- last) & mask
        let second = (first &- lastFirst) & mask
        let third = (second &- lastSecond) & mask
        last = symbol
        lastFirst = first
        lastSecond = second
        firstRun = (firstRun &+ 1) & allOnes(ifZero: first)
        secondRun = (secondRun &+ 1) & allOnes(ifZero: second)
        thirdRun = (thirdRun &+ 1) & allOnes(ifZero: third)
        if warmUp > 0 {
            // A difference of order k exists from sample k + 1 on.
            if warmUp == 3 { firstRun = 0 }
            if warmUp >= 2 { secondRun = 0 }
            thirdRun = 0
            warmUp &-= 1
        }
    }

    /// Negative when the limit of that severity is reached.
    func room(until threshold: HealthOutcome) -> Int {
        let last = (threshold == .permanent ? permanentCutoff : intermittentCutoff) &- 1
        return (last &- firstRun) | (last &- secondRun) | (last &- thirdRun)
    }

    /// The longest of the three runs.
    package var run: Int { max(firstRun, max(secondRun, thirdRun)) }

    package var outcome: HealthOutcome {
        run < intermittentCutoff ? .pass : run < permanentCutoff ? .intermittent : .permanent
    }
}
