// The lag predictor test: the predictor of SP 800-90B section 6.3.8 as a running health test.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// Fails when a sample can too often be foretold as the repetition of one of the last eight: a
/// source with a period of up to eight samples.
///
/// For a source of min-entropy H no predictor is right with a probability above 2^-H, whatever it has
/// seen; both limits follow from that. It does not find periods beyond eight.
///
/// Each lag has a score in one byte of a word, raised when that lag was right and halved with all
/// others when the leader's is 127, so that a new period takes the lead within about a hundred samples.
package struct LagPredictorTest: Sendable {
    /// Number of past samples that are looked at; a byte of a word each.
    package static let historyLength = 8
    /// Guesses in one window of 131,072 samples: those after the first eight.
    package static let windowTrials = 131_072 - historyLength

    package let intermittentRunCutoff: Int
    package let permanentRunCutoff: Int
    package let intermittentGlobalCutoff: Int
    package let permanentGlobalCutoff: Int
    /// Right guesses in a row. It lives on from window to window.
    package private(set) var run = 0
    /// Right guesses in the present window.
    package private(set) var count = 0
    private var trial = 0
    private var warmUp = historyLength
    private var history: UInt64 = 0
    private var scores: UInt64 = 0
    /// Eight times the index of the leading lag, lag 1 having index 0; and its score.
    private var leader: UInt64 = 0
    private var leaderScore: UInt64 = 0

    package init(minEntropy: BitsPerSample, policy: HealthPolicy = .standard) {
        let intermittent = policy.intermittentLog2Alpha
        let permanent = policy.permanentLog2Alpha
        intermittentRunCutoff = HealthCutoff.lagRun(
            minEntropy: minEntropy,
            log2Alpha: intermittent
        )
        permanentRunCutoff = HealthCutoff.lagRun(minEntropy: minEntropy, log2Alpha: permanent)
        intermittentGlobalCutoff = HealthCutoff.lagGlobal(
            minEntropy: minEntropy,
            log2Alpha: intermittent
        )
        permanentGlobalCutoff = HealthCutoff.lagGlobal(
            minEntropy: minEntropy,
            log2Alpha: permanent
        )
    }

    package mutating func feed(_ symbol: UInt8) -> HealthOutcome {
        advance(symbol)
        return outcome
    }

    mutating func advance(_ symbol: UInt8) {
        // High bit of each byte of the history that equals the symbol.
        let difference = history ^ (lowBits &* UInt64(symbol))
        let equal = ~(((difference & ~highBits) &+ ~highBits) | difference) & highBits
        history = history &<< 8 | UInt64(symbol)
        if warmUp > 0 {
            warmUp &-= 1
            return
        }
        if trial == Self.windowTrials {
            trial = 0
            count = 0
        }
        trial &+= 1

        let right = equal &>> 7
        let hit = Int(truncatingIfNeeded: (right &>> leader) & 1)
        count &+= hit
        run = (run &+ 1) & (0 &- hit)

        scores &+= right
        leaderScore &+= UInt64(truncatingIfNeeded: hit)
        // High bit of each byte whose score is above the leader's: at most by one, since it was not
        // before this sample.
        let ahead = ((scores | highBits) &- lowBits &* (leaderScore &+ 1)) & highBits
        if ahead != 0 {
            leader = UInt64(truncatingIfNeeded: ahead.trailingZeroBitCount &- 7)
            leaderScore &+= 1
        }
        if leaderScore == 127 {
            scores = (scores &>> 1) & ~highBits
            leaderScore &>>= 1
        }
    }

    /// Negative when a limit of that severity is reached.
    func room(until threshold: HealthOutcome) -> Int {
        let isPermanent = threshold == .permanent
        let runCutoff = isPermanent ? permanentRunCutoff : intermittentRunCutoff
        let globalCutoff = isPermanent ? permanentGlobalCutoff : intermittentGlobalCutoff
        return (runCutoff &- 1 &- run) | (globalCutoff &- 1 &- count)
    }

    package var runOutcome: HealthOutcome {
        run < intermittentRunCutoff ? .pass : run < permanentRunCutoff ? .intermittent : .permanent
    }

    package var globalOutcome: HealthOutcome {
        count < intermittentGlobalCutoff
            ? .pass : count < permanentGlobalCutoff ? .intermittent : .permanent
    }

    package var outcome: HealthOutcome {
        HealthOutcome(rawValue: max(runOutcome.rawValue, globalOutcome.rawValue))!
    }
}

/// The lowest and the highest bit of each byte of a word.
private let lowBits: UInt64 = 0x0101_0101_0101_0101
private let highBits: UInt64 = 0x8080_8080_8080_8080
