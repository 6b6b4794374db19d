// Scores of a predictor's sub-predictors and their leader (SP 800-90B, sections 6.3.7 to 6.3.9).
// SPDX-License-Identifier: Apache-2.0

/// Decides which sub-predictor is believed, block by block.
///
/// The leader always has the highest score. In a block of at most 64 steps, a sub-predictor can
/// therefore take the lead only if its score at the end reaches that of the leader at the start;
/// all others just get their sum. The owner calls `deallocate` once.
struct Scoreboard {
    /// What a sub-predictor did in one step.
    enum Outcome {
        case wrong, right, silent
    }

    /// Steps per block.
    static let blockLength = 64

    private(set) var counter = SuccessCounter()
    private var leader = 0
    private let scores: UnsafeMutableBufferPointer<Int>
    private let contenders: UnsafeMutableBufferPointer<Int>

    private let countsSilence: Bool

    /// The first of `count` sub-predictors leads. A silent leader is a wrong prediction if
    /// `countsSilence`, else it is not counted.
    init(count: Int, countsSilence: Bool = false) {
        self.countsSilence = countsSilence
        scores = .allocate(capacity: count)
        scores.initialize(repeating: 0)
        contenders = .allocate(capacity: count)
        contenders.initialize(repeating: 0)
    }

    func deallocate() {
        scores.deallocate()
        contenders.deallocate()
    }

    /// Advances by `steps` steps, in which sub-predictor i was right `gains[i]` times. `outcome`
    /// tells what happened to a sub-predictor in a step and is asked for contenders only. A step
    /// counts as the leader's outcome before it.
    @inline(__always)
    mutating func advance(
        steps: Int,
        gains: UnsafePointer<UInt8>,
        outcome: (_ predictor: Int, _ step: Int) -> Outcome
    ) {
        let lead = scores[leader]
        var contenderCount = 0
        for predictor in 0..<scores.count {
            let total = scores[predictor] &+ Int(gains[predictor])
            if total >= lead {
                contenders[contenderCount] = predictor
                contenderCount &+= 1
            } else {
                scores[predictor] = total
            }
        }
        if contenderCount == 1 {
            for step in 0..<steps {
                let result = outcome(leader, step)
                if result != .silent || countsSilence { counter.record(result == .right) }
            }
            scores[leader] = lead &+ Int(gains[leader])
            return
        }
        for step in 0..<steps {
            let result = outcome(leader, step)
            if result != .silent || countsSilence { counter.record(result == .right) }
            for index in 0..<contenderCount {
                let predictor = contenders[index]
                guard outcome(predictor, step) == .right else { continue }
                scores[predictor] &+= 1
                // Ties go to the later one.
                if scores[predictor] >= scores[leader] { leader = predictor }
            }
        }
    }
}
