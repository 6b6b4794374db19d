// The types of values that only an Entropy Key has.
// SPDX-License-Identifier: Apache-2.0

internal import EntropyKeyProtocol

extension ValueType<EntropyKeySerial> {
    static var keySerial: Self {
        ValueType(
            name: "serial number",
            range: "16 base64 characters",
            complaint:
                "is no serial number of an Entropy Key: write 16 characters such as NwBvBlg3OTBJORFD",
            read: { EntropyKeySerial($0) }
        )
    }
}

extension ValueType<ClosedRange<Double>> {
    /// Two numbers with `...` between them, both in `limits`.
    static func range(unit: String, within limits: ClosedRange<Double>) -> Self {
        ValueType(
            name: "range",
            unit: unit,
            range: "\(limits.lowerBound)...\(limits.upperBound)",
            complaint: "is no range: write two numbers such as 0...70, the smaller one first",
            read: { text in
                // Not by the points themselves, of which numbers have some, too.
                for place in text.indices where text[place...].hasPrefix("...") {
                    let end = text.index(place, offsetBy: 3)
                    if let low = signed(text[..<place]), let high = signed(text[end...]),
                        low <= high
                    {
                        return low...high
                    }
                }
                return nil
            },
            accepts: { limits.contains($0.lowerBound) && limits.contains($0.upperBound) },
            write: { "\($0.lowerBound)...\($0.upperBound)" }
        )
    }

    private static func signed(_ text: Substring) -> Double? {
        text.hasPrefix("-") ? decimal(String(text.dropFirst())).map { -$0 } : decimal(String(text))
    }
}

extension ValueType<RecoveryStep?> {
    /// The last step that is allowed, or none.
    static var recoveryLimit: Self {
        let words = ["none"] + RecoveryStep.allCases.map(\.rawValue)
        return ValueType(
            name: "choice",
            range: words.joined(separator: "|"),
            complaint: "is none of \(words.joined(separator: ", "))",
            words: words,
            read: { text -> RecoveryStep?? in
                text == "none" ? .some(nil) : RecoveryStep(rawValue: text).map { .some($0) }
            },
            write: { $0?.rawValue ?? "none" }
        )
    }
}
