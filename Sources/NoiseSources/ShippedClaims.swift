// The claims of the built-in sources, as the profiles in docs/evidence say.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// Copied from the profiles by hand and compared with them by a test, so that neither changes alone.
enum ShippedClaims {
    static let jitter = claim(
        1,
        date: "2026-11-27",
        hash: "b83713c3e06367de4d21bf573b6a0f113851c59c9c3ac2b60cc6e784da683baf"
    )
    static let havege = claim(
        0.2,
        date: "2026-11-27",
        hash: "7935073e1425940e4672f09e8a7e36c6bc872defa4fd046aac42f876ece844c2"
    )
    static let sleep = claim(
        1.5,
        date: "2026-11-27",
        hash: "3a4402c61d040c74483039ce801759cb5bffb05b03fec676c014fa8669193a17"
    )

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
