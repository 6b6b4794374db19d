// The plain calls of a Lua script: NAME(VALUE, ...) and nothing else (Lua 5.1 reference manual, section 2).
// SPDX-License-Identifier: Apache-2.0

/// One call with the values that stand in it.
struct LuaCall: Equatable, Sendable {
    var name: String
    var position: ConfigurationError.Position
    var arguments: [LuaValue]
}

struct LuaValue: Equatable, Sendable {
    var position: ConfigurationError.Position
    var kind: Kind

    enum Kind: Equatable, Sendable {
        case text(String)
        /// As it is written, and what it is worth.
        case number(String, Double)
        case flag(Bool)
        case nothing
    }
}

/// Reads a script statement by statement. It runs nothing: what is more than a call with values is a
/// problem, told with what to write instead. After one the next line is read, so that all are found.
struct LuaCallReader {
    private var lexer: LuaLexer
    private(set) var calls: [LuaCall] = []
    private(set) var problems: [ConfigurationError.Problem] = []

    init(_ bytes: [UInt8]) {
        lexer = LuaLexer(bytes)
        while problems.count < mostProblems {
            do throws(LuaProblem) {
                guard let call = try statement() else { break }
                calls.append(call)
            } catch {
                problems.append(.init(position: error.position, message: error.message))
                lexer.skipLine()
            }
        }
    }

    /// Nil at the end.
    private mutating func statement() throws(LuaProblem) -> LuaCall? {
        var token = try lexer.next()
        while token.kind == .symbol(";") { token = try lexer.next() }
        switch token.kind {
        case .end: return nil
        case .name(let name):
            return LuaCall(
                name: name,
                position: token.position,
                arguments: try arguments(of: name, at: token.position)
            )
        case .keyword(let word):
            throw LuaProblem(
                token.position,
                "\(quoted(word)) makes the file a program, and only plain calls can be translated: write "
                    + "out the calls that it leads to, and remove it"
            )
        case .text, .number, .symbol:
            throw LuaProblem(
                token.position,
                "a call such as Keyring(\"/etc/entropykey/keyring\") is expected here: remove what "
                    + "stands here, or make it a comment with --"
            )
        }
    }

    private mutating func arguments(
        of name: String,
        at position: ConfigurationError.Position
    ) throws(LuaProblem) -> [LuaValue] {
        let afterName = lexer
        let token = try lexer.next()
        switch token.kind {
        case .text(let text): return [LuaValue(position: token.position, kind: .text(text))]
        case .symbol("("): return try values(from: token.position)
        case .symbol("="), .symbol(","):
            throw LuaProblem(
                token.position,
                "\(quoted(name)) is set as a variable: write its value where it is used, and remove "
                    + "this line"
            )
        case .symbol("{"): throw notPlain(token)
        default:
            // What follows may be a good call on the next line.
            lexer = afterName
            throw LuaProblem(
                position,
                "a value in parentheses is expected after \(quoted(name)): write \(name)(VALUE), or make "
                    + "the line a comment with --"
            )
        }
    }

    /// What stands between parentheses, the first of which is at `start` and read already.
    private mutating func values(
        from start: ConfigurationError.Position
    ) throws(LuaProblem) -> [LuaValue] {
        var values: [LuaValue] = []
        var token = try lexer.next()
        if token.kind == .symbol(")") { return [] }
        while true {
            values.append(try value(token))
            token = try lexer.next()
            switch token.kind {
            case .symbol(")"): return values
            case .symbol(","): token = try lexer.next()
            case .end:
                throw LuaProblem(start, "this parenthesis is never closed: add \")\"")
            default: throw notPlain(token)
            }
        }
    }

    private mutating func value(_ token: LuaToken) throws(LuaProblem) -> LuaValue {
        let kind: LuaValue.Kind
        switch token.kind {
        case .text(let text): kind = .text(text)
        case .number(let text, let value): kind = .number(text, value)
        case .symbol("-"):
            let next = try lexer.next()
            guard case .number(let text, let value) = next.kind else { throw notPlain(next) }
            kind = .number("-" + text, -value)
        case .keyword("true"): kind = .flag(true)
        case .keyword("false"): kind = .flag(false)
        case .keyword("nil"): kind = .nothing
        case .name(let name):
            throw LuaProblem(
                token.position,
                "\(quoted(name)) is a variable or another call: write the value itself, text in quotes"
            )
        default: throw notPlain(token)
        }
        return LuaValue(position: token.position, kind: kind)
    }

    private func notPlain(_ token: LuaToken) -> LuaProblem {
        LuaProblem(
            token.position,
            "only plain values can be translated, separated by commas: write the text or number itself"
        )
    }
}

/// What is wrong, and where.
struct LuaProblem: Error {
    let position: ConfigurationError.Position
    let message: String

    init(_ position: ConfigurationError.Position, _ message: String) {
        (self.position, self.message) = (position, message)
    }
}

/// Enough to see that a file is of another kind, and not so many that the first scrolls away.
private let mostProblems = 20
