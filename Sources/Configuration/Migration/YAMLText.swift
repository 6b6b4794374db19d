// Writing a configuration file: keys, values that read back as they are, comments.
// SPDX-License-Identifier: Apache-2.0

struct YAMLText {
    private(set) var text = ""

    mutating func comment(_ words: String, depth: Int = 0) {
        text += String(repeating: "  ", count: depth) + "# \(words)\n"
    }

    /// A key of the root that has keys.
    mutating func section(_ name: String) {
        text += "\n\(name):\n"
    }

    /// A key `depth` levels below the root, with its value if it has one, and where it comes from.
    mutating func line(_ depth: Int, _ name: String, _ value: String?, _ origin: String?) {
        var line = String(repeating: "  ", count: depth) + name + ":"
        if let value { line += " " + Self.scalar(value) }
        if let origin {
            line += String(repeating: " ", count: max(2, commentColumn - line.count))
            line += "# \(origin)"
        }
        text += line + "\n"
    }

    /// A scalar (YAML 1.1) that reads back as `value`: plain where that is beyond doubt, else in double
    /// quotation marks (section 5.4.1).
    static func scalar(_ value: String) -> String {
        if isPlain(value) { return value }
        var quoted = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            // An asterisk would look like an alias to the reader, which counts them.
            case "*": quoted += "\\x2A"
            case " "..."~": quoted.unicodeScalars.append(scalar)
            default:
                let isLetter = scalar.value > 0x7F && scalar.properties.isAlphabetic
                quoted += isLetter ? String(Character(scalar)) : escaped(scalar)
            }
        }
        return quoted + "\""
    }

    private static func isPlain(_ value: String) -> Bool {
        let isNumber =
            value.utf8.count <= 5 && value.utf8.first != UInt8(ascii: "0") && Int(value) != nil
        let isPath =
            value.hasPrefix("/")
            && value.utf8.allSatisfy { isAlphanumeric($0) || "/._-".utf8.contains($0) }
        let isWord =
            value.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
            && value.utf8.first.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
                ?? false
        return isNumber || isPath
            || isWord && !["null", "true", "false", "on", "off"].contains(value)
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}

/// Comments begin below one another, except where a value is long.
private let commentColumn = 40
