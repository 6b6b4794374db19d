// The output of ENT 1.2, character by character.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Writes a result as the program `ent` does. Bytes and not a string: the table of occurrences shows
/// characters in ISO 8859-1, as ENT does.
package enum ENTText {
    /// Sentences, behind the table of occurrences if that is asked for.
    package static func prose(_ result: ENTResult, occurrences: Bool) -> [UInt8] {
        var out: [UInt8] = []
        let unit = result.unit.rawValue
        if occurrences { appendTable(result, to: &out) }
        out.append(format("Entropy = %f bits per \(unit).\n", result.entropy))
        out.append(
            "\nOptimum compression would reduce the size\nof this \(result.count) \(unit) file by "
                + "\(result.compressionPercent) percent.\n\n"
        )
        out.append(
            "Chi square distribution for \(result.count) samples is "
                + number("%1.2f", result.chiSquare)
                + ", and randomly\nwould exceed this value " + percentage(result)
                + " percent of the times.\n\n"
        )
        out.append(
            "Arithmetic mean value of data \(unit)s is " + number("%1.4f", result.mean)
                + " (\(result.unit == .byte ? "127.5" : "0.5") = random).\n"
        )
        out.append(
            "Monte Carlo value for Pi is " + number("%1.9f", result.monteCarloPi) + " (error "
                + number("%1.2f", result.monteCarloErrorPercent, undefined: "nan") + " percent).\n"
        )
        out.append("Serial correlation coefficient is ")
        if let correlation = result.serialCorrelation {
            out.append(format("%1.6f (totally uncorrelated = 0.0).\n", correlation))
        } else {
            out.append("undefined (all values equal!).\n")
        }
        return out
    }

    /// Comma-separated values: a record of titles, one of numbers, then the occurrences if asked for.
    package static func values(_ result: ENTResult, occurrences: Bool) -> [UInt8] {
        var out: [UInt8] = []
        out.append(
            "0,File-\(result.unit)s,Entropy,Chi-square,Mean,Monte-Carlo-Pi,Serial-Correlation\n"
        )
        let numbers = [
            "\(result.count)", format("%f", result.entropy), number("%f", result.chiSquare),
            number("%f", result.mean), number("%f", result.monteCarloPi),
            format("%f", result.serialCorrelation ?? undefinedCorrelation),
        ]
        out.append("1," + numbers.joined(separator: ",") + "\n")
        guard occurrences else { return out }
        out.append("2,Value,Occurrences,Fraction\n")
        for (value, count) in result.occurrences.enumerated() {
            let share = result.count > 0 ? Double(count) / Double(result.count) : nil
            out.append("3,\(value),\(count)," + number("%f", share) + "\n")
        }
        return out
    }

    private static func appendTable(_ result: ENTResult, to out: inout [UInt8]) {
        out.append("Value Char Occurrences Fraction\n")
        for (value, count) in result.occurrences.enumerated() where count > 0 {
            let share = Double(count) / Double(result.count)
            out.append(padded("\(value)", 3) + "   ")
            // Printable in ISO 8859-1, where 160 is a blank that does not break.
            let isPrintable = (32...126).contains(value) || value > 160
            out.append(isPrintable && result.unit == .byte ? UInt8(value) : UInt8(ascii: " "))
            out.append("   " + padded("\(count)", 10) + format("   %f\n", share))
        }
        out.append("\nTotal:    " + padded("\(result.count)", 10) + format("   %f\n\n", 1))
    }

    private static func percentage(_ result: ENTResult) -> String {
        guard let probability = result.chiSquareProbability else { return "nan" }
        if probability < 0.0001 { return "less than 0.01" }
        // Twice, as ENT says it.
        if probability > 0.9999 { return "more than than 99.99" }
        return format("%1.2f", probability * 100)
    }

    /// What ENT prints for a quotient of zeros on x86 is `-nan`, and `nan` behind further arithmetic.
    private static func number(
        _ format: String,
        _ value: Double?,
        undefined: String = "-nan"
    ) -> String {
        value.map { self.format(format, $0) } ?? undefined
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// One number in the format of printf(3).
    private static func format(_ format: String, _ value: Double) -> String {
        // The largest double has 309 digits before the point.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            let count = withVaList([value]) {
                vsnprintf(buffer.baseAddress!, buffer.count, format, $0)
            }
            return buffer.prefix(max(0, min(Int(count), buffer.count - 1)))
                .reduce(into: "") {
                    $0.unicodeScalars.append(Unicode.Scalar(UInt8(bitPattern: $1)))
                }
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ text: String) { append(contentsOf: text.utf8) }
}

/// What ENT writes in its terse form when all values are equal.
private let undefinedCorrelation = -100_000.0
