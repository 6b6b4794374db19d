// The types that a value in the file can have: how each is read, written and explained.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy
internal import LinuxSystem

/// How text becomes a `Value`, and what people are told when it does not.
struct ValueType<Value: Sendable>: Sendable {
    /// As the reference calls it.
    let name: String
    var unit = "none"
    var range = "any"
    /// What is said of text that is no such value, after the text: "is not a size: write 64KiB".
    let complaint: String
    /// Words that the text may have been meant to be.
    var words: [String] = []
    /// Nil: the text is no such value.
    let read: @Sendable (String) -> Value?
    /// Whether a value is in range.
    var accepts: @Sendable (Value) -> Bool = { _ in true }
    /// As the file would write it; read back it gives the same value.
    let write: @Sendable (Value) -> String
    /// Of a list: what is wrong with one element.
    var checkElement: (@Sendable (String) -> String?)?
}

extension ValueType {
    /// A list of `element`, without commas and blanks in it: a YAML list, or one line with commas.
    static func list<Element: Sendable>(
        of element: ValueType<Element>,
        atMost count: Int = 64
    ) -> Self where Value == [Element] {
        ValueType(
            name: "list of \(element.name)",
            unit: element.unit,
            range: "at most \(count): \(element.range)",
            complaint: "is not a list: write [A, B]",
            read: { text in
                let elements = listElements(text).map(element.read)
                return elements.contains { $0 == nil } ? nil : elements.compactMap { $0 }
            },
            accepts: { $0.count <= count },
            write: { $0.map(element.write).joined(separator: ", ") },
            checkElement: { text in
                guard let value = element.read(text) else {
                    return "\(quoted(text)) \(element.complaint)"
                }
                return element.accepts(value)
                    ? nil : "\(quoted(text)) is out of range: \(element.range)"
            }
        )
    }
}

/// What stands between commas, without blanks around it.
func listElements(_ text: String) -> [String] {
    text.split(separator: ",").map {
        String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}

extension ValueType where Value: CustomStringConvertible {
    init(
        name: String,
        unit: String = "none",
        range: String = "any",
        complaint: String,
        read: @escaping @Sendable (String) -> Value?,
        accepts: @escaping @Sendable (Value) -> Bool = { _ in true }
    ) {
        self.init(
            name: name,
            unit: unit,
            range: range,
            complaint: complaint,
            read: read,
            accepts: accepts,
            write: { "\($0)" }
        )
    }
}

extension ByteSize {
    /// `512`, `64KiB`, `1MB`, as in the file; nil for anything else.
    package init?(text: String) {
        guard let count = number(text, units: sizeUnits) else { return nil }
        self.init(count)
    }
}

extension ValueType<ByteSize> {
    /// A multiple of `multiple` bytes in `range`.
    static func size(_ range: ClosedRange<ByteSize>, multipleOf multiple: Int = 1) -> Self {
        let steps = multiple == 1 ? "" : " in steps of \(multiple) bytes"
        return ValueType(
            name: "size",
            unit: "bytes",
            range: "\(range.lowerBound)...\(range.upperBound)\(steps)",
            complaint: "is not a size: write 64KiB, 64kB or a number of bytes",
            read: { number($0, units: sizeUnits).map { ByteSize($0) } },
            accepts: { range.contains($0) && $0.byteCount % multiple == 0 }
        )
    }
}

extension ValueType<Duration> {
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        ValueType(
            name: "duration",
            unit: "ms, s, min or h",
            range: "\(durationText(range.lowerBound))...\(durationText(range.upperBound))",
            complaint: "is not a duration: write 500ms, 5s, 2min or 1h",
            read: { text in
                guard text.utf8.last.map({ !isDigit($0) }) ?? false else { return nil }
                return number(text, units: durationUnits).map { .milliseconds($0) }
            },
            accepts: { range.contains($0) },
            write: durationText
        )
    }
}

extension ValueType<Fraction> {
    static func fraction(_ range: ClosedRange<Fraction>) -> Self {
        ValueType(
            name: "fraction",
            unit: "of 1",
            range: "\(range.lowerBound)...\(range.upperBound)",
            complaint: "is not a fraction: write 0.5 or 50%",
            read: { text in
                guard text.hasSuffix("%") else { return decimal(text).flatMap { Fraction($0) } }
                return decimal(String(text.dropLast())).flatMap { Fraction($0 / 100) }
            },
            accepts: { range.contains($0) }
        )
    }
}

extension ValueType<BitsPerSample> {
    static func bits(_ what: String, in range: ClosedRange<Double>) -> Self {
        ValueType(
            name: "number",
            unit: "bits per \(what)",
            range: "\(range.lowerBound)...\(range.upperBound)",
            complaint: "is not a number of bits: write 0.5",
            read: { decimal($0).flatMap { BitsPerSample($0) } },
            accepts: { range.contains($0.value) },
            write: { "\($0.value)" }
        )
    }
}

extension ValueType<Int> {
    static func count(_ unit: String, in range: ClosedRange<Int>) -> Self {
        ValueType(
            name: "whole number",
            unit: unit,
            range: "\(range.lowerBound)...\(range.upperBound)",
            complaint: "is not a whole number: write \(range.lowerBound)",
            read: { number($0, units: ["": 1]) },
            accepts: { range.contains($0) }
        )
    }
}

extension ValueType<Bool> {
    static var flag: Self {
        ValueType(
            name: "flag",
            range: "true or false",
            complaint: "is neither true nor false",
            words: ["true", "false"],
            read: { ["true": true, "yes": true, "false": false, "no": false][$0] },
            write: { "\($0)" }
        )
    }
}

extension ValueType<FileMode> {
    static var mode: Self {
        ValueType(
            name: "file mode",
            unit: "octal",
            range: "0000...0777",
            complaint: "is not a file mode: write four octal digits such as \"0660\"",
            read: { text in
                guard text.utf8.count == 4, text.utf8.first == UInt8(ascii: "0") else { return nil }
                return UInt32(text, radix: 8).flatMap { FileMode($0) }
            }
        )
    }
}

extension ValueType<AccountName> {
    static func account(_ what: String) -> Self {
        ValueType(
            name: "\(what) name",
            complaint: "is not the name of a \(what): write letters, digits, _, . and -",
            read: { AccountName($0) }
        )
    }
}

extension ValueType<AbsolutePath> {
    static var path: Self {
        ValueType(
            name: "path",
            range: "absolute",
            complaint: "is not an absolute path: begin it with /",
            read: { AbsolutePath($0) }
        )
    }

    /// A path that fits struct sockaddr_un: 108 bytes with the closing NUL (unix(7)).
    static var socketPath: Self {
        ValueType(
            name: "path",
            range: "absolute, at most 107 bytes",
            complaint: "is not an absolute path: begin it with /",
            read: { AbsolutePath($0) },
            accepts: { $0.text.utf8.count <= 107 && !$0.text.hasSuffix("/") }
        )
    }
}

extension ValueType<InternetAddress> {
    static var internetAddress: Self {
        ValueType(
            name: "address",
            range: "numeric, with port",
            complaint: "is no address with a port: write 127.0.0.1:8888, \"[::1]:8888\" or 8888",
            read: { text in
                InternetAddress(text: text.allSatisfy(\.isNumber) ? "127.0.0.1:\(text)" : text)
            }
        )
    }
}

extension ValueType<AddressRange> {
    static var addressRange: Self {
        ValueType(
            name: "address range",
            range: "numeric",
            complaint:
                "is no range of addresses: write 192.0.2.7, 192.0.2.0/24 or \"2001:db8::/32\", "
                + "without bits after the prefix",
            read: { AddressRange(text: $0) }
        )
    }
}

extension ValueType<Int?> {
    static var serverThreads: Self {
        ValueType(
            name: "choice",
            unit: "threads where it is a number",
            range: "auto|1...8",
            complaint: "is neither auto nor a number of threads",
            words: ["auto"],
            read: { text -> Int?? in
                if text == "auto" { return .some(nil) }
                return number(text, units: ["": 1]).map { .some($0) }
            },
            accepts: { $0.map { (1...8).contains($0) } ?? true },
            write: { $0.map { "\($0)" } ?? "auto" }
        )
    }
}

extension ValueType<String> {
    static var commandLine: Self {
        ValueType(
            name: "command line",
            range: "not empty",
            complaint: "is not a command line: write what /bin/sh -c shall run",
            read: { $0.contains { $0 != " " } && !$0.utf8.contains(0) ? $0 : nil }
        )
    }
}

extension ValueType where Value: CaseIterable & RawRepresentable<String> {
    static var choice: Self {
        let words = Value.allCases.map(\.rawValue)
        return ValueType(
            name: "choice",
            range: words.joined(separator: "|"),
            complaint: "is none of \(words.joined(separator: ", "))",
            words: words,
            read: { Value(rawValue: $0) },
            write: { $0.rawValue }
        )
    }
}

extension ValueType<Configuration.Feeder.Credit> {
    static var feederCredit: Self {
        ValueType(
            name: "choice",
            unit: "bits per byte where it is a number",
            range: "assessed|none|0...8",
            complaint: "is none of assessed, none and a number of bits per byte from 0 to 8",
            words: ["assessed", "none"],
            read: { text in
                switch text {
                case "assessed": return .assessed
                case "none": return Configuration.Feeder.Credit.none
                default:
                    guard let bits = decimal(text).flatMap({ BitsPerSample($0) }), bits.value <= 8
                    else { return nil }
                    return .bitsPerByte(bits)
                }
            },
            write: { credit in
                switch credit {
                case .assessed: "assessed"
                case .none: "none"
                case .bitsPerByte(let bits): "\(bits.value)"
                }
            }
        )
    }
}

/// A whole number with one of `units` after it, multiplied out; nil for anything else, overflow
/// included.
private func number(_ text: String, units: [String: Int]) -> Int? {
    let digits = text.utf8.prefix(while: isDigit)
    guard !digits.isEmpty, let value = Int(String(text.prefix(digits.count))),
        let factor = units[String(text.dropFirst(digits.count))]
    else { return nil }
    let (product, overflow) = value.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
}

/// Digits with at most one point between them; neither signs nor exponents nor names.
func decimal(_ text: String) -> Double? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count),
        parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) })
    else { return nil }
    return Double(text)
}

private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

/// In the largest unit that divides it.
private func durationText(_ duration: Duration) -> String {
    let milliseconds = Int(duration / .milliseconds(1))
    for (unit, length) in [("h", 3_600_000), ("min", 60_000), ("s", 1_000)]
    where milliseconds > 0 && milliseconds % length == 0 {
        return "\(milliseconds / length)\(unit)"
    }
    return "\(milliseconds)ms"
}

/// Bytes per unit: powers of 1,000 (SI) and of 1,024 (IEC 80000-13).
private let sizeUnits = [
    "": 1, "B": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000,
    "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
]

/// Milliseconds per unit.
private let durationUnits = ["ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000]
