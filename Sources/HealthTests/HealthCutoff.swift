// Cut-offs of the health tests, computed from H and alpha (SP 800-90B sections 4.4.1 and 4.4.2).
// SPDX-License-Identifier: Apache-2.0

package import Entropy
internal import Glibc

/// How many of something a source with min-entropy H per sample shows with a probability below
/// alpha = 2^-`log2Alpha` only.
///
/// Every function is total: a claim below ``leastMinEntropy`` is computed as that, so that no claim,
/// zero included, yields a test that cannot fail, and one above 8 as 8. None promises anything about
/// a source that is worse than random only in a way that its test does not look at.
package enum HealthCutoff {
    /// The smallest H that cut-offs are computed for, in bits per sample.
    ///
    /// One twentieth: the smallest claim of the published tables, and about the smallest for which
    /// the intermittent limits of all run tests (repetition 601, stuck 600, lag run 843) are within
    /// the 1,024 start-up samples. A source that fails there is of no use, even mixed without credit.
    package static let leastMinEntropy = BitsPerSample(0.05)!

    /// Length of a run of equal samples: C = 1 + ceil(-log2(alpha) / H), section 4.4.1.
    ///
    /// `exactly`: a claim below ``leastMinEntropy`` is taken as it is, for calculations on paper.
    package static func repetitionCount(
        minEntropy: BitsPerSample,
        log2Alpha: Double,
        exactly: Bool = false
    ) -> Int {
        let h = testable(minEntropy, exactly: exactly)
        let bits = log2Alpha
        var quotient = (bits / h).rounded(.up)
        // The division may have rounded down to a whole number: the remainder, exactly.
        if (-bits).addingProduct(quotient, h) < 0 { quotient += 1 }
        return 1 + Int(quotient)
    }

    /// Occurrences of a window's first sample in that window, itself included, section 4.4.2.
    ///
    /// The standard's text takes all W samples as random. The first is certain, so that W - 1 are:
    /// min(W, 2 + critbinom(W - 1, 2^-H, 1 - alpha)). At a small H even W occurrences are more likely
    /// than alpha; the cut-off is W then, as in the published tables. `exactly` as above.
    package static func adaptiveProportion(
        minEntropy: BitsPerSample,
        log2Alpha: Double,
        windowLength: Int,
        exactly: Bool = false
    ) -> Int {
        min(
            windowLength,
            uncappedAdaptiveProportion(
                minEntropy: minEntropy,
                log2Alpha: log2Alpha,
                windowLength: windowLength,
                exactly: exactly
            )
        )
    }

    /// The same as the standard's text has it, 1 + critbinom(W, 2^-H, 1 - alpha). May be W + 1, which no
    /// window reaches.
    package static func adaptiveProportionOfText(
        minEntropy: BitsPerSample,
        log2Alpha: Double,
        windowLength: Int
    ) -> Int {
        1
            + criticalBinomial(
                trials: windowLength,
                minEntropy: testable(minEntropy, exactly: true),
                log2Alpha: log2Alpha
            )
    }

    /// As ``adaptiveProportion(minEntropy:log2Alpha:windowLength:)``, but W + 1, which no window
    /// reaches, where W occurrences are more likely than alpha.
    static func uncappedAdaptiveProportion(
        minEntropy: BitsPerSample,
        log2Alpha: Double,
        windowLength: Int,
        exactly: Bool = false
    ) -> Int {
        2
            + criticalBinomial(
                trials: windowLength - 1,
                minEntropy: testable(minEntropy, exactly: exactly),
                log2Alpha: log2Alpha
            )
    }

    /// Right guesses of the lag predictor in one window: critbinom(n, 2^-H, 1 - alpha), with
    /// n = ``LagPredictorTest/windowTrials``.
    package static func lagGlobal(minEntropy: BitsPerSample, log2Alpha: Double) -> Int {
        criticalBinomial(
            trials: LagPredictorTest.windowTrials,
            minEntropy: testable(minEntropy),
            log2Alpha: log2Alpha
        )
    }

    /// Length of the shortest run of right guesses of the lag predictor that appears somewhere in a
    /// window with a probability below alpha.
    ///
    /// The probability is the one that SP 800-90B section 6.3.8 takes from Feller (An Introduction to
    /// Probability Theory, volume 1, chapter XIII.7). Written with the root x = 1 + e, so that a
    /// probability far below the resolution of a Double next to 1 keeps all its digits.
    package static func lagRun(minEntropy: BitsPerSample, log2Alpha: Double) -> Int {
        let h = testable(minEntropy)
        let q = -expm1(-h * ln2)
        let p = exp2(-h)
        let trials = Double(LagPredictorTest.windowTrials)
        let alpha = exp2(-log2Alpha)

        func probabilityOfRun(_ length: Int) -> Double {
            let r = Double(length)
            let base = q * exp2(-h * r)
            var e = base
            for _ in 0..<8 { e = base * exp((r + 1) * log1p(e)) }
            let logNone = log1p(-p * e / q) - log1p(-r * e) - (trials + 1) * log1p(e)
            return -expm1(logNone)
        }

        // n * q * p^r is nearly that probability, and above it: start one below, and count up.
        let estimate = (log2(trials * q) + log2Alpha) / h
        var length = max(1, Int(estimate.rounded(.down)) - 1)
        while probabilityOfRun(length) >= alpha { length += 1 }
        return length
    }

    /// Length of a run of samples with the same difference zero: ceil(-log2(alpha) / H). One less than
    /// the repetition count's, because a difference takes two samples.
    package static func stuck(minEntropy: BitsPerSample, log2Alpha: Double) -> Int {
        Int((log2Alpha / testable(minEntropy)).rounded(.up))
    }

    private static func testable(_ minEntropy: BitsPerSample, exactly: Bool = false) -> Double {
        // An assessed sample has at most eight bits.
        min(
            8,
            exactly && minEntropy > .zero
                ? minEntropy.value : max(minEntropy, leastMinEntropy).value
        )
    }
}

/// The smallest k with P(X > k) <= alpha, for X binomial with `trials` trials of p = 2^-H: the
/// standard's critbinom(trials, p, 1 - alpha). Exact to the resolution of the tail, for alpha far
/// below that of 1 - alpha: only the small tail is ever summed.
private func criticalBinomial(trials: Int, minEntropy h: Double, log2Alpha: Double) -> Int {
    let n = Double(trials)
    let logP = -h * ln2
    let p = exp(logP)
    let q = -expm1(logP)
    let logQ = log(q)
    let alpha = exp2(-log2Alpha)
    let logAlpha = -log2Alpha * ln2

    // Chernoff: log P(X >= k) <= -n * KL(k/n || p) for k >= np. So the answer is not above the
    // smallest k for which that bound is below alpha.
    func logBound(_ k: Int) -> Double {
        let hits = Double(k)
        let misses = n - hits
        return hits * (logP - log(hits / n)) + (misses > 0 ? misses * (logQ - log(misses / n)) : 0)
    }
    var k = max(1, Int((n * p).rounded(.up)))
    var high = trials
    while k < high {
        let middle = k + (high - k) / 2
        if logBound(middle) <= logAlpha { high = middle } else { k = middle + 1 }
    }

    // P(X = k) from its logarithm; P(X > k) by the ratio of neighbours, until nothing is added.
    let x = Double(k)
    var mass = exp(
        logFactorial(n) - logFactorial(x) - logFactorial(n - x) + x * logP + (n - x) * logQ
    )
    var tail = 0.0
    var term = mass
    var j = x
    while j < n {
        term *= (n - j) / (j + 1) * (p / q)
        let sum = tail + term
        if sum == tail { break }
        tail = sum
        j += 1
    }

    // Down to the smallest k.
    while k > 0, tail + mass <= alpha {
        tail += mass
        mass *= Double(k) / (n - Double(k) + 1) * (q / p)
        k -= 1
    }
    return k
}

private func logFactorial(_ x: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(x + 1, &sign)
}

/// ln 2, from its decimal expansion.
private let ln2 = 0.693_147_180_559_945_309_417
