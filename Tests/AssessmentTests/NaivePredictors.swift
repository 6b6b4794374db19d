// The predictors as the text describes them, without any haste (SP 800-90B, 6.3.7 to 6.3.10).
// SPDX-License-Identifier: Apache-2.0

/// Correct predictions and the longest run of them.
struct NaiveTally: Equatable {
    var correct = 0
    var longestRun = 0
    private var run = 0

    init(correct: Int = 0, longestRun: Int = 0) {
        self.correct = correct
        self.longestRun = longestRun
    }

    mutating func record(_ success: Bool) {
        run = success ? run + 1 : 0
        correct += success ? 1 : 0
        longestRun = max(longestRun, run)
    }

    static func == (a: Self, b: Self) -> Bool {
        a.correct == b.correct && a.longestRun == b.longestRun
    }
}

enum NaivePredictors {
    /// Section 6.3.7.
    static func multiMCW(_ s: [UInt8]) -> NaiveTally {
        let lengths = [63, 255, 1_023, 4_095]
        let alphabet = Int(s.max()!) + 1
        var counts = [[Int]](repeating: [Int](repeating: 0, count: alphabet), count: 4)
        var lastSeen = [Int](repeating: -1, count: alphabet)
        for index in 0..<62 {
            lastSeen[Int(s[index])] = index
            for window in 0..<4 { counts[window][Int(s[index])] += 1 }
        }
        return leaderboard(s, from: 63, count: 4) { index, window in
            let length = lengths[window]
            lastSeen[Int(s[index - 1])] = index - 1
            counts[window][Int(s[index - 1])] += 1
            if index > length { counts[window][Int(s[index - 1 - length])] -= 1 }
            guard index >= length else { return nil }
            // Of several, the one seen last.
            let best = (0..<alphabet).max {
                (counts[window][$0], lastSeen[$0]) < (counts[window][$1], lastSeen[$1])
            }
            return best.map { UInt8($0) }
        }
    }

    /// Section 6.3.8.
    static func lag(_ s: [UInt8]) -> NaiveTally {
        leaderboard(s, from: 1, count: 128) { index, lag in
            lag < index ? s[index - lag - 1] : nil
        }
    }

    /// Section 6.3.9; each depth knows its first pair from the start.
    static func multiMMC(_ s: [UInt8]) -> NaiveTally {
        var models = [[[UInt8]: [UInt8: Int]]](repeating: [:], count: 17)
        var pairs = [Int](repeating: 1, count: 17)
        for depth in 1...16 { models[depth][Array(s[0..<depth])] = [s[depth]: 1] }
        return leaderboard(s, from: 2, count: 16) { index, model in
            let depth = model + 1
            guard index > depth else { return nil }
            let context = Array(s[index - depth..<index])
            let successors = models[depth][context] ?? [:]
            if successors[s[index]] != nil || pairs[depth] < 100_000 {
                if successors[s[index]] == nil { pairs[depth] += 1 }
                models[depth][context, default: [:]][s[index], default: 0] += 1
            }
            return best(successors)?.symbol
        }
    }

    /// Section 6.3.10.
    static func lz78y(_ s: [UInt8]) -> NaiveTally {
        var dictionary: [[UInt8]: [UInt8: Int]] = [:]
        var tally = NaiveTally()
        for index in 16..<s.count {
            var prediction: UInt8?
            var highest = 0
            for length in stride(from: 16, through: 1, by: -1) {
                let context = Array(s[index - length..<index])
                if let best = best(dictionary[context] ?? [:]), best.count > highest {
                    (prediction, highest) = best
                }
                if dictionary[context] != nil || dictionary.count < 65_536 {
                    dictionary[context, default: [:]][s[index], default: 0] += 1
                }
            }
            if index > 16 { tally.record(prediction == s[index]) }
        }
        return tally
    }

    /// The most frequent successor; of several, the largest.
    private static func best(_ successors: [UInt8: Int]) -> (symbol: UInt8, count: Int)? {
        successors.max { ($0.value, $0.key) < ($1.value, $1.key) }.map { ($0.key, $0.value) }
    }

    /// Follows the leader among sub-predictors; ties go to the later one.
    private static func leaderboard(
        _ s: [UInt8],
        from first: Int,
        count: Int,
        predict: (_ index: Int, _ which: Int) -> UInt8?
    ) -> NaiveTally {
        var tally = NaiveTally()
        var scores = [Int](repeating: 0, count: count)
        var leader = 0
        for index in first..<s.count {
            let predictions = (0..<count).map { predict(index, $0) }
            if let prediction = predictions[leader] { tally.record(prediction == s[index]) }
            for which in 0..<count where predictions[which] == s[index] {
                scores[which] += 1
                if scores[which] >= scores[leader] { leader = which }
            }
        }
        return tally
    }
}
