// --once: seed the kernel now, and say truthfully whether that worked.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import KernelRandom

extension Feeding where Device: ~Copyable {
    /// Feeds blocks until the kernel has accepted ``seedBits`` of credit and calls itself seeded.
    mutating func seedOnce(report: inout EventReport, className: String) -> FeederExit {
        do throws(FeedFailure) {
            for _ in 0..<seedBlockLimit {
                let outcome = try feed(reseed: true)
                report.fed(outcome, reason: "once", total: totalBits, className)
                if outcome.creditedBits == 0 {
                    report.trouble(
                        "unhealthy",
                        "The blocks carry no assessed entropy, so none was credited. "
                            + "State a claim with --credit if you have evidence for one."
                    )
                    return .unhealthySource
                }
                if totalBits >= seedBits && KernelRandomState.generatorIsSeeded() != false {
                    return .ok
                }
            }
            report.trouble(
                "not-seeded",
                "The kernel accepted \(totalBits) bits and still does not call itself seeded."
            )
            return .failure
        } catch {
            switch error {
            case .supply(let error) where error.code == .interrupted:
                report.trouble("interrupted", "Stopped by a signal before the kernel was seeded.")
                return .failure
            case .supply(let error) where error.code == .unhealthy:
                report.trouble("unhealthy", error.description)
                return .unhealthySource
            case .supply(let error):
                report.trouble("upstream-lost", error.description)
                return .unavailable
            case .kernel(let error):
                let notPermitted = error.code == .notPermitted
                report.trouble(notPermitted ? "not-permitted" : "refused", error.description)
                return notPermitted ? .notPermitted : .failure
            }
        }
    }
}

/// Bits; what a kernel wants for its first seed is 128 up to 5.17 and 256 since.
private let seedBits = 256
/// Blocks; the smallest block at a credit of half a bit per byte makes 256 bits in 16, and pools of
/// 4,096 bits count credit by less than its face value.
private let seedBlockLimit = 64
