// The values of a call, each as the type that it must have.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy
internal import EntropyKeyProtocol
internal import LinuxSystem

/// Hands out the values by their places, from 0. Like Lua it takes a number for text and text for a
/// number; `nil` is no value.
struct LuaArguments {
    private let call: LuaCall

    init(_ call: LuaCall, atMost count: Int) throws(LuaProblem) {
        self.call = call
        guard call.arguments.count > count else { return }
        throw LuaProblem(
            call.arguments[count].position,
            "\(call.name) takes \(count == 1 ? "one value" : "at most \(count) values"): remove what is too "
                + "many"
        )
    }

    func path(_ index: Int) throws(LuaProblem) -> AbsolutePath {
        try required(index, "a path", .path)
    }

    func socketPath(_ index: Int) throws(LuaProblem) -> AbsolutePath {
        try required(index, "the path of a socket", .socketPath)
    }

    func port(_ index: Int) throws(LuaProblem) -> UInt16 {
        UInt16(try required(index, "a port", .count("port", in: 1...65_535)))
    }

    /// 0...8; nil where there is none.
    func bits(_ index: Int) throws(LuaProblem) -> BitsPerSample? {
        try optional(index, .bits("byte", in: 0...8))
    }

    /// Octal digits, as text or as a number that is written like them.
    func mode(_ index: Int) throws(LuaProblem) -> FileMode? {
        guard let text = try text(index), !text.isEmpty else { return nil }
        let digits = text.count == 3 ? "0" + text : text
        return try value(of: digits, .mode, index)
    }

    /// Nil for none, and for empty text.
    func account(_ index: Int, _ what: String) throws(LuaProblem) -> AccountName? {
        guard let text = try text(index), !text.isEmpty else { return nil }
        return try value(of: text, .account(what), index)
    }

    /// Where ekeyd listens: 127.0.0.1 where there is none. Names are not looked up.
    func host(_ index: Int) throws(LuaProblem) -> InternetHost {
        let text = try text(index) ?? "127.0.0.1"
        guard let host = InternetHost(text: text == "localhost" ? "127.0.0.1" : text) else {
            throw LuaProblem(
                position(index),
                "\(quoted(text)) is not a numeric address: write one, such as 127.0.0.1"
            )
        }
        return host
    }

    /// Nil for none.
    func serial(_ index: Int) throws(LuaProblem) -> EntropyKeySerial? {
        guard let text = try text(index), !text.isEmpty else { return nil }
        guard let serial = EntropyKeySerial(text) else {
            throw LuaProblem(
                position(index),
                "\(quoted(text)) is not a serial number: write the 16 characters that are printed on the key"
            )
        }
        return serial
    }

    func flag(_ index: Int) throws(LuaProblem) -> Bool {
        guard case .flag(let value)? = argument(index)?.kind else {
            throw LuaProblem(position(index), "\(call.name) needs true or false: write one of them")
        }
        return value
    }

    private func required<Value>(
        _ index: Int,
        _ what: String,
        _ type: ValueType<Value>
    ) throws(LuaProblem) -> Value {
        guard let value = try optional(index, type) else {
            throw LuaProblem(position(index), "\(call.name) needs \(what): add it")
        }
        return value
    }

    private func optional<Value>(
        _ index: Int,
        _ type: ValueType<Value>
    ) throws(LuaProblem) -> Value? {
        guard let text = try text(index) else { return nil }
        return try value(of: text, type, index)
    }

    private func value<Value>(
        of text: String,
        _ type: ValueType<Value>,
        _ index: Int
    ) throws(LuaProblem) -> Value {
        guard let value = type.read(text) else {
            throw LuaProblem(position(index), "\(quoted(text)) \(type.complaint)")
        }
        guard type.accepts(value) else {
            throw LuaProblem(position(index), "\(quoted(text)) is out of range: \(type.range)")
        }
        return value
    }

    private func text(_ index: Int) throws(LuaProblem) -> String? {
        switch argument(index)?.kind {
        case nil, .nothing?: return nil
        case .text(let text)?: return text
        case .number(let text, let value)?:
            // 7.0 and 0x22B8 are 7 and 8888; 0660 stays as it is, since it may be octal.
            if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
                return text
            }
            return Int(exactly: value).map { "\($0)" } ?? "\(value)"
        case .flag?:
            throw LuaProblem(
                position(index),
                "true and false are no value here: write text or a number"
            )
        }
    }

    private func argument(_ index: Int) -> LuaValue? {
        index < call.arguments.count ? call.arguments[index] : nil
    }

    private func position(_ index: Int) -> ConfigurationError.Position {
        argument(index)?.position ?? call.position
    }
}
