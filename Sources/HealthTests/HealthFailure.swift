// The results of health tests: values, never thrown (SP 800-90B section 4.3).
// SPDX-License-Identifier: Apache-2.0

/// What a health test says after a sample.
package enum HealthOutcome: UInt8, Comparable, Sendable {
    case pass = 0
    /// The limit for the intermittent false-alarm rate is reached.
    case intermittent = 1
    /// The limit for the permanent false-alarm rate is reached.
    case permanent = 2

    package static func < (a: HealthOutcome, b: HealthOutcome) -> Bool { a.rawValue < b.rawValue }
}

/// The health tests, in the order in which they are named when several fail at the same sample.
package enum HealthTestKind: String, CaseIterable, Sendable {
    case repetitionCount
    case adaptiveProportion
    case lagPredictor
    case stuck
    case clock

    /// Position in ``allCases``.
    var index: Int {
        switch self {
        case .repetitionCount: 0
        case .adaptiveProportion: 1
        case .lagPredictor: 2
        case .stuck: 3
        case .clock: 4
        }
    }

    /// The name for people.
    package var name: String {
        switch self {
        case .repetitionCount: "repetition count test"
        case .adaptiveProportion: "adaptive proportion test"
        case .lagPredictor: "lag predictor test"
        case .stuck: "stuck test"
        case .clock: "clock test"
        }
    }
}

/// One failure of one health test.
package struct HealthFailure: Sendable, Equatable {
    package enum Severity: String, Sendable {
        case intermittent
        case permanent
    }

    /// What was counted, which decides the test.
    package enum Finding: String, CaseIterable, Sendable {
        case equalSamplesInARow
        case equalSamplesInAWindow
        case guessedInARow
        case guessedInAWindow
        case stuckInARow
        case coarseClock
        case backwardClock
    }

    package var finding: Finding
    package var severity: Severity
    /// The count at the moment of failure, in samples.
    package var observed: Int
    /// The count from which on the test fails, in samples.
    package var cutoff: Int
    /// Index of the sample that failed, from 0, since the monitor's creation.
    package var sampleIndex: UInt64

    package var test: HealthTestKind {
        switch finding {
        case .equalSamplesInARow: .repetitionCount
        case .equalSamplesInAWindow: .adaptiveProportion
        case .guessedInARow, .guessedInAWindow: .lagPredictor
        case .stuckInARow: .stuck
        case .coarseClock, .backwardClock: .clock
        }
    }
}

extension HealthFailure: CustomStringConvertible {
    package var description: String {
        let what =
            switch finding {
            case .equalSamplesInARow: "equal samples in a row"
            case .equalSamplesInAWindow: "samples in one window equal its first"
            case .guessedInARow: "samples in a row were foretold from those shortly before"
            case .guessedInAWindow: "samples in one window were foretold from those shortly before"
            case .stuckInARow: "samples in a row continued a constant or even progression"
            case .coarseClock:
                "time differences in one window were zero, or equal, or evenly growing"
            case .backwardClock: "time differences were negative"
            }
        return "\(severity.rawValue) failure of the \(test.name) at sample \(sampleIndex): "
            + "\(observed) \(what), and \(cutoff) are the limit"
    }
}

/// -1 when the value is zero, else 0: a condition as a mask, for the tests' hot paths. A branch on a
/// sample is mispredicted as often as the sample is unpredictable; from a comparison, the compiler
/// makes one.
@inline(__always)
func allOnes(ifZero value: UInt8) -> Int { (Int(value) &- 1) &>> (Int.bitWidth - 1) }
