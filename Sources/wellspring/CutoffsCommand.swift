// `wellspring cutoffs`: what the continuous health tests allow a source of a given entropy.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Entropy
internal import Foundation
internal import HealthTests

struct CutoffsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cutoffs",
        abstract: "Compute the cut-offs of the health tests for an entropy and a false-alarm rate.",
        discussion: """
            The repetition count test fails when a value occurs that often in a row, the adaptive proportion \
            test when a window's first value occurs that often in the window (SP 800-90B, section 4.4). The \
            daemon computes its own limits with the same functions. "text" is the standard's formula, which \
            takes the first sample of a window for a random one; "exact" does not.
            """
    )

    @Option(
        name: [.customShort("H"), .long],
        help: "Min-entropy per sample in bits, more than 0, at most 8."
    )
    var minEntropy: Double

    @Option(help: "False-alarm rate, such as 2^-30 or 1e-9.", transform: Self.log2Alpha)
    var alpha = 30.0

    @Option(help: "Samples of a window (default: 512, and 1024 as for binary sources).")
    var window: Int?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard minEntropy > 0, minEntropy <= 8 else {
            throw ValidationError("--min-entropy is more than 0 and at most 8 bits per sample.")
        }
        guard (2...1_000_000).contains(window ?? 2) else {
            throw ValidationError("--window is 2 to 1,000,000 samples.")
        }
    }

    private struct Row: Codable {
        var window: Int
        var exact: Int
        var text: Int
    }

    private struct Answer: Codable {
        var minEntropy: Double
        var log2Alpha: Double
        var repetitionCount: Int
        var adaptiveProportion: [Row]
    }

    func run() throws {
        guard let entropy = BitsPerSample(minEntropy) else { return }
        let answer = Answer(
            minEntropy: minEntropy,
            log2Alpha: -alpha,
            repetitionCount: HealthCutoff.repetitionCount(
                minEntropy: entropy,
                log2Alpha: alpha,
                exactly: true
            ),
            adaptiveProportion: (window.map { [$0] } ?? [512, 1024]).map { length in
                Row(
                    window: length,
                    exact: HealthCutoff.adaptiveProportion(
                        minEntropy: entropy,
                        log2Alpha: alpha,
                        windowLength: length,
                        exactly: true
                    ),
                    text: HealthCutoff.adaptiveProportionOfText(
                        minEntropy: entropy,
                        log2Alpha: alpha,
                        windowLength: length
                    )
                )
            }
        )
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            Terminal.print(String(decoding: try encoder.encode(answer), as: UTF8.self))
            return
        }
        var rows = [["TEST", "WINDOW", "EXACT", "TEXT"]]
        rows.append(
            ["repetition count", "–", "\(answer.repetitionCount)", "\(answer.repetitionCount)"]
        )
        for row in answer.adaptiveProportion {
            rows.append(
                [
                    "adaptive proportion", "\(row.window)", "\(row.exact)",
                    row.text > row.window ? "\(row.text) (never reached)" : "\(row.text)",
                ]
            )
        }
        Terminal.print("H = \(minEntropy) bit per sample, alpha = 2^-\(alpha)\n\n\(table(rows))")
    }

    /// `2^-30` or `1e-9`: -log2 of the rate.
    private static func log2Alpha(_ text: String) throws -> Double {
        let bits: Double? =
            if text.hasPrefix("2^-") {
                Double(text.dropFirst(3))
            } else {
                Double(text).flatMap { $0 > 0 && $0 < 1 ? -log2($0) : nil }
            }
        guard let bits, bits > 0, bits <= 1_000 else {
            throw ValidationError("--alpha is a probability such as 2^-30 or 1e-9, above 2^-1000.")
        }
        return bits
    }
}
