// The claims of the built-in sources, as the profiles in docs/evidence say.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// Copied from the profiles by hand and compared with them by a test, so that neither changes alone.
enum ShippedClaims {
    static let jitter = claim(1, date: "2026-11-21", hash: "")
    static let havege = claim(0.2, date: "2026-11-21", hash: "")
    static let sleep = claim(1.5, date: "2026-11-21", hash: "")

    private static func claim(_ minEntropy: Double, date: String, hash: String) -> EntropyClaim {
        guard let rate = BitsPerSample(minEntropy) else {
            preconditionFailure("a shipped claim is no number of bits")
        }
        return EntropyClaim(
            minEntropy: rate,
            origin: .assessed(AssessmentStamp(.shipped, date: date, hash: hash))
        )
    }
}
