// The words of a Lua script (Lua 5.1 reference manual, section 2.1).
// SPDX-License-Identifier: Apache-2.0

struct LuaToken {
    let kind: Kind
    let position: ConfigurationError.Position

    enum Kind: Equatable {
        case name(String)
        case keyword(String)
        case text(String)
        /// As it is written, and its value.
        case number(String, Double)
        case symbol(String)
        case end
    }
}

/// Cuts bytes into tokens. Comments may be in any encoding, text is UTF-8.
struct LuaLexer {
    private let bytes: [UInt8]
    private var index = 0
    private var position = ConfigurationError.Position(line: 1, column: 1)

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        // As Lua does: the first line may name an interpreter.
        if peek() == UInt8(ascii: "#") { skipLine() }
    }

    /// Goes to the beginning of the next line.
    mutating func skipLine() {
        while let byte = peek(), byte != lineFeed { pass() }
        if peek() != nil { pass() }
    }

    mutating func next() throws(LuaProblem) -> LuaToken {
        try skipBlanksAndComments()
        let start = position
        guard let byte = peek() else { return LuaToken(kind: .end, position: start) }
        let kind: LuaToken.Kind =
            if isLetter(byte) {
                name()
            } else if isDigit(byte) || byte == UInt8(ascii: ".") && isDigit(peek(1)) {
                try number(from: start)
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                .text(try quotedText(from: start))
            } else if let level = longBracket() {
                .text(try text(longText(level: level, from: start, "text"), from: start))
            } else {
                .symbol(symbol())
            }
        return LuaToken(kind: kind, position: start)
    }

    private mutating func skipBlanksAndComments() throws(LuaProblem) {
        while let byte = peek() {
            if byte == 0x20 || (0x09...0x0D).contains(byte) {
                pass()
            } else if byte == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") {
                let start = position
                pass(2)
                if let level = longBracket() {
                    _ = try longText(level: level, from: start, "comment")
                } else {
                    while let byte = peek(), byte != lineFeed { pass() }
                }
            } else {
                return
            }
        }
    }

    private mutating func name() -> LuaToken.Kind {
        let start = index
        while let byte = peek(), isLetter(byte) || isDigit(byte) { pass() }
        let word = String(decoding: bytes[start..<index], as: UTF8.self)
        return keywords.contains(word) ? .keyword(word) : .name(word)
    }

    private mutating func number(
        from start: ConfigurationError.Position
    ) throws(LuaProblem) -> LuaToken.Kind {
        let first = index
        while let byte = peek() {
            let isSign =
                (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"))
                && peek(-1).map { $0 | 0x20 } == UInt8(ascii: "e")
                && bytes[first..<index].allSatisfy { $0 | 0x20 != UInt8(ascii: "x") }
            guard isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: ".") || isSign else {
                break
            }
            pass()
        }
        let text = String(decoding: bytes[first..<index], as: UTF8.self)
        let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
        let value =
            isHexadecimal
            ? UInt32(text.dropFirst(2), radix: 16).map(Double.init)
            : text.utf8.allSatisfy { isDigit($0) || ".eE+-".utf8.contains($0) } ? Double(text) : nil
        guard let value, value.isFinite else {
            throw LuaProblem(start, "\(quoted(text)) is not a number: write digits, such as 8888")
        }
        return .number(text, value)
    }

    /// Text in single or double quotation marks.
    private mutating func quotedText(
        from start: ConfigurationError.Position
    ) throws(LuaProblem) -> String {
        let mark = peek()
        pass()
        var content: [UInt8] = []
        while let byte = peek(), byte != lineFeed {
            if byte == mark {
                pass()
                return try text(content, from: start)
            }
            if byte == UInt8(ascii: "\\") {
                content.append(try escape())
            } else {
                content.append(byte)
                pass()
            }
        }
        throw LuaProblem(
            start,
            "the text that begins here has no end: close it with its quotation mark"
        )
    }

    /// The byte that a backslash and what follows it stand for.
    private mutating func escape() throws(LuaProblem) -> UInt8 {
        let start = position
        pass()
        var value = 0
        var count = 0
        while count < 3, let digit = peek(), isDigit(digit) {
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
            count += 1
            pass()
        }
        if count > 0 {
            guard let byte = UInt8(exactly: value) else {
                throw LuaProblem(start, "\\\(value) is no byte: write 0 to 255")
            }
            return byte
        }
        if let byte = peek(), let meaning = escapes[byte] {
            pass()
            return meaning
        }
        throw LuaProblem(
            start,
            "the versions of Lua do not agree on what this backslash means: write \\\\ for a backslash, "
                + "and other characters as they are"
        )
    }

    /// Of `[[`, `[=[` and so on, the count of equals signs; nil where none begins.
    private func longBracket() -> Int? {
        guard peek() == UInt8(ascii: "[") else { return nil }
        var level = 0
        while peek(1 + level) == UInt8(ascii: "=") { level += 1 }
        return peek(1 + level) == UInt8(ascii: "[") ? level : nil
    }

    /// The bytes between long brackets; a line end right after the first is left out.
    private mutating func longText(
        level: Int,
        from start: ConfigurationError.Position,
        _ what: String
    ) throws(LuaProblem) -> ArraySlice<UInt8> {
        let equals = [UInt8](repeating: UInt8(ascii: "="), count: level)
        let end = [UInt8(ascii: "]")] + equals + [UInt8(ascii: "]")]
        pass(level + 2)
        if peek() == UInt8(ascii: "\r"), peek(1) == lineFeed { pass() }
        if peek() == lineFeed { pass() }
        let first = index
        while let byte = peek() {
            if byte == end[0], bytes[index...].starts(with: end) {
                defer { pass(end.count) }
                return bytes[first..<index]
            }
            pass()
        }
        let closing = String(decoding: end, as: UTF8.self)
        throw LuaProblem(start, "the \(what) that begins here has no end: close it with \(closing)")
    }

    private func text(
        _ content: some Sequence<UInt8>,
        from start: ConfigurationError.Position
    ) throws(LuaProblem) -> String {
        guard let text = String(validating: content, as: UTF8.self), !text.utf8.contains(0) else {
            throw LuaProblem(
                start,
                "this text is not UTF-8 without NUL bytes: save the file as UTF-8"
            )
        }
        return text
    }

    /// One character, or the dots of `..` and `...`.
    private mutating func symbol() -> String {
        let start = index
        repeat { pass() } while peek() == UInt8(ascii: ".") && bytes[start] == UInt8(ascii: ".")
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private func peek(_ distance: Int = 0) -> UInt8? {
        let place = index + distance
        return bytes.indices.contains(place) ? bytes[place] : nil
    }

    private mutating func pass(_ count: Int = 1) {
        for _ in 0..<count where index < bytes.count {
            if bytes[index] == lineFeed {
                position = .init(line: position.line + 1, column: 1)
            } else if index + 1 == bytes.count || bytes[index + 1] & 0xC0 != 0x80 {
                // The last byte of a character.
                position.column += 1
            }
            index += 1
        }
    }
}

private func isLetter(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) && !isDigit(byte) || byte == UInt8(ascii: "_")
}

private func isDigit(_ byte: UInt8?) -> Bool {
    byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
}

private let lineFeed = UInt8(ascii: "\n")

/// Section 2.1, with goto of 5.2.
private let keywords: Set = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
]

/// Section 2.1: what a character after a backslash stands for.
private let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 0x07, UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C,
    UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    UInt8(ascii: "v"): 0x0B, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "\""): 0x22,
    UInt8(ascii: "'"): 0x27, UInt8(ascii: "\n"): 0x0A,
]
