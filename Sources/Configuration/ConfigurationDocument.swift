// From bytes to a tree of YAML nodes with positions (YAML 1.1 as libyaml reads it).
// SPDX-License-Identifier: Apache-2.0

internal import Yams

/// The checks that come before and around the YAML parser, so that it sees only bounded text, and
/// so that its complaints read like ours.
enum ConfigurationDocument {
    /// Bytes. The full reference configuration takes 5 KiB; this leaves room for hundreds of
    /// sources and keeps every step below quadratic trouble.
    static let greatestByteCount = 128 << 10

    /// Aliases in one file. Each may stand for a tree that holds others, so 16 of them multiply a
    /// tree by 3^(16/3) = 350 at most; without a limit the product is exponential.
    static let greatestAliasCount = 16

    /// The root of the only document; nil for an empty one.
    static func root(of bytes: [UInt8], file: String) throws(ConfigurationError) -> Node? {
        guard bytes.count <= greatestByteCount else {
            throw ConfigurationError(
                file: file,
                "has \(bytes.count) bytes: a configuration has at most \(greatestByteCount)"
            )
        }
        let text = try checkedText(bytes, file: file)
        try checkAliases(text, file: file)
        do {
            return try compose(yaml: text)
        } catch {
            throw ConfigurationError(file: file, problems: [problem(error, in: text)])
        }
    }

    /// The bytes as text without a byte order mark, in which every character may stand in YAML.
    private static func checkedText(
        _ bytes: [UInt8],
        file: String
    ) throws(ConfigurationError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(
                file: file,
                problems: [
                    .init(
                        position: positionOfDamage(in: bytes),
                        message: "is not UTF-8 text: save the file as UTF-8"
                    )
                ]
            )
        }
        var scalars = Substring(text).unicodeScalars
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        if let index = scalars.firstIndex(where: { !isAllowed($0) }) {
            let code = String(scalars[index].value, radix: 16, uppercase: true)
            let digits = String(repeating: "0", count: max(0, 4 - code.count)) + code
            throw ConfigurationError(
                file: file,
                problems: [
                    .init(
                        position: position(of: index, in: scalars),
                        message: "the character U+\(digits) may not stand in YAML: remove it"
                    )
                ]
            )
        }
        return String(scalars)
    }

    /// YAML 1.1 section 5.1, production c-printable, without the byte order mark.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE,
            0xFF00...0xFFFD, 0x10000...0x10FFFF:
            true
        default: false
        }
    }

    /// Counts what may be an alias, in comments and strings too: the parser expands aliases before
    /// anybody could count the real ones.
    private static func checkAliases(
        _ text: String,
        file: String
    ) throws(ConfigurationError) {
        let scalars = text.unicodeScalars
        var count = 0
        for index in scalars.indices where scalars[index] == "*" {
            let next = scalars.index(after: index)
            guard next < scalars.endIndex, scalars[next].isASCII,
                let byte = UInt8(exactly: scalars[next].value),
                isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            else { continue }
            count += 1
            if count > greatestAliasCount {
                throw ConfigurationError(
                    file: file,
                    problems: [
                        .init(
                            position: position(of: index, in: scalars),
                            message: "more than \(greatestAliasCount) aliases (*name): "
                                + "write the values out"
                        )
                    ]
                )
            }
        }
    }

    private static func problem(_ error: any Error, in text: String) -> ConfigurationError.Problem {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _):
            let lines = text.unicodeScalars.split(
                omittingEmptySubsequences: false,
                whereSeparator: { $0 == "\n" }
            )
            if mark.line <= lines.count,
                let tab = lines[mark.line - 1].prefix(while: { $0 == " " || $0 == "\t" })
                    .firstIndex(of: "\t")
            {
                let line = lines[mark.line - 1]
                let column = line.distance(from: line.startIndex, to: tab) + 1
                return .init(
                    position: .init(line: mark.line, column: column),
                    message: "a tab in the indentation: indent with spaces"
                )
            }
            if problem.contains("nesting level") {
                return .init(
                    position: mark.position,
                    message: "brackets are nested too deeply: a configuration needs three levels"
                )
            }
            let circumstance = context.map { " \($0.text) (line \($0.mark.line))" } ?? ""
            return .init(
                position: mark.position,
                message: "is not YAML: \(problem)\(circumstance)"
            )
        case YamlError.composer(_, let problem, let mark, _):
            let message =
                problem.contains("another document")
                ? "a second document begins: one file is one configuration"
                : "is not YAML: \(problem)"
            return .init(position: mark.position, message: message)
        case YamlError.duplicatedKeysInMapping(let keys, let context):
            return .init(
                position: context.mark.position,
                message: "the key \(quoted(keys[0])) is written more than once: keep one"
            )
        default:
            return .init(message: "is not YAML")
        }
    }

    /// Where the first byte stands that is not UTF-8.
    private static func positionOfDamage(in bytes: [UInt8]) -> ConfigurationError.Position {
        var position = ConfigurationError.Position(line: 1, column: 1)
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { position.pass(scalar) }
        return position
    }

    private static func position<Text: Collection<Unicode.Scalar>>(
        of index: Text.Index,
        in scalars: Text
    ) -> ConfigurationError.Position {
        var position = ConfigurationError.Position(line: 1, column: 1)
        for scalar in scalars[..<index] { position.pass(scalar) }
        return position
    }
}

extension ConfigurationError.Position {
    fileprivate mutating func pass(_ scalar: Unicode.Scalar) {
        self =
            scalar == "\n"
            ? .init(line: line + 1, column: 1) : .init(line: line, column: column + 1)
    }
}

extension Mark {
    var position: ConfigurationError.Position { .init(line: line, column: column) }
}
