// The claims of the built-in sources, as the profiles in docs/evidence say.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// Copied from the profiles by hand and compared with them by a test, so that neither changes alone.
enum ShippedClaims {
    static let jitter = claim(
        1,
        date: "2026-11-27",
        hash: "f90a8a0f178855fda01ba59c8159e8a7bbecc90f333411e7a98bc650839fa6d2"
    )
    static let havege = claim(
        0.2,
        date: "2026-11-27",
        hash: "efec24a297e1595416cd839873cfb37dde06a00fbbcdae40796b90919b5bc9af"
    )
    static let sleep = claim(
        1.5,
        date: "2026-11-27",
        hash: "f594db3a7103f462863259b59e2eac8f9d016d665bb7de20740972b9f9a04b6a"
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
