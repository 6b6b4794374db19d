// The clock test: refuses a clock that is too coarse to time with, or that runs backwards.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// Fails when more than nine tenths of a window of time differences are zero, or have the same one of
/// their first, second and third differences zero; or when more than three of 1,024 are negative.
///
/// The limits are the published ones of jitter collectors and look at what a usable clock is, not at
/// the claim: a timing source with less than about 0.3 bits of min-entropy per sample is refused even
/// if it claims no more. A coarse clock is never a permanent failure of its own, since a guest may
/// be moved to a machine with a better one; too many failures in a row retire the source all the same.
/// A recording of the assessed bits shows no negative difference.
package struct ClockTest: Sendable {
    /// In samples: the adaptive proportion test's, so that both close together.
    package let windowLength: Int
    /// Count from which on a window is coarse: the first above nine tenths.
    package let coarseCutoff: Int
    /// Count from which on the clock runs backwards: three may come from time synchronisation.
    package let backwardCutoff = 4
    /// The largest of the four counts of the window just closed, 0 within a window.
    package private(set) var coarse = 0
    /// Negative differences within the present 1,024 samples.
    package private(set) var backward = 0
    private var position = 0
    private var windowsUntilForgiven: Int
    /// The window's counts of zero samples and zero first, second and third differences, 16 bits each.
    private var tally: UInt64 = 0

    package init(sampleBits: Int) {
        windowLength = sampleBits == 1 ? 1_024 : 512
        coarseCutoff = windowLength * 9 / 10 + 1
        windowsUntilForgiven = backwardPeriod / windowLength
    }

    /// `stuck` is the stuck test after the same sample.
    package mutating func feed(
        _ sample: RawSample,
        symbol: UInt8,
        stuck: borrowing StuckTest
    ) -> HealthOutcome {
        advance(sample, symbol: symbol, stuck: stuck)
        return outcome
    }

    @inline(__always)
    mutating func advance(_ sample: RawSample, symbol: UInt8, stuck: borrowing StuckTest) {
        if position == 0 {
            coarse = 0
            tally = 0
            if windowsUntilForgiven == 0 {
                backward = 0
                windowsUntilForgiven = backwardPeriod / windowLength
            }
        }
        // The sign of a negated run says whether there is one.
        tally &-= UInt64(bitPattern: Int64(allOnes(ifZero: symbol)))
        tally &+= (UInt64(bitPattern: Int64(0 &- stuck.firstRun)) &>> 63) &<< 16
        tally &+= (UInt64(bitPattern: Int64(0 &- stuck.secondRun)) &>> 63) &<< 32
        tally &+= (UInt64(bitPattern: Int64(0 &- stuck.thirdRun)) &>> 63) &<< 48
        // A time stamp before its predecessor: the difference is negative as a signed number.
        backward &+= Int(truncatingIfNeeded: sample &>> 63)
        position &+= 1
        if position == windowLength {
            position = 0
            windowsUntilForgiven &-= 1
            coarse = (0..<4).reduce(0) { max($0, Int(tally >> ($1 * 16) & 0xffff)) }
        }
    }

    /// Negative when the limit of that severity is reached: there is no permanent one.
    func room(until threshold: HealthOutcome) -> Int {
        threshold == .permanent
            ? 0 : (coarseCutoff &- 1 &- coarse) | (backwardCutoff &- 1 &- backward)
    }

    package var outcome: HealthOutcome {
        coarse < coarseCutoff && backward < backwardCutoff ? .pass : .intermittent
    }
}

/// In samples: as many as a start-up test takes.
private let backwardPeriod = HealthMonitor.startUpSampleCount
