// Wellspring nodes that read from each other, as they introduce themselves inside the EGD protocol.
// SPDX-License-Identifier: Apache-2.0

/// One running Wellspring daemon: who it is in a chain of daemons.
///
/// EGD has no place for this, so two of its commands carry it in a form that other servers and clients
/// handle as they always did. A reader announces itself with `03`, a claim of 0 bits and
/// ``announcementByteCount`` bytes, which any server mixes or ignores; on a connection that did so, a
/// Wellspring server answers `04` with more than its process id: its own node and all that its entropy
/// comes from (``EGDPath``). Nothing of it is secret or trusted with credit; it keeps honest operators
/// from wiring a circle.
package struct EGDNode: Hashable, Sendable {
    /// Tells running daemons apart, also two on one machine; another one after each start.
    package let identifier: UInt32
    /// For people, mostly a host's name: 1 to ``longestName`` letters, digits, `.`, `_` and `-`.
    package let name: String

    /// What does not fit a name is replaced by `-` or cut off.
    package init(identifier: UInt32, name: String) {
        self.identifier = identifier
        let bytes = name.utf8.prefix(Self.longestName).map {
            isNameByte($0) ? $0 : UInt8(ascii: "-")
        }
        self.name = bytes.isEmpty ? "-" : String(decoding: bytes, as: UTF8.self)
    }

    /// `0badcafe:rack1`.
    package var text: String { hexadecimal(identifier) + ":" + name }

    /// Nil for anything else than what ``text`` gives.
    package init?(text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, let identifier = number(Array(parts[0])),
            (1...Self.longestName).contains(parts[1].count), parts[1].allSatisfy(isNameByte)
        else { return nil }
        self.init(identifier: identifier, name: String(decoding: Array(parts[1]), as: UTF8.self))
    }

    /// What a reader writes with `03`: magic, identifier in hexadecimal digits, name padded with zeros.
    package var announcement: [UInt8] {
        let padding = [UInt8](repeating: 0, count: Self.longestName - name.utf8.count)
        return Self.magic + Array(hexadecimal(identifier).utf8) + Array(name.utf8) + padding
    }

    /// Nil unless `bytes` are an announcement.
    package init?(announcement bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == Self.announcementByteCount, bytes.starts(with: Self.magic),
            let identifier = number(Array(bytes[Self.magic.count..<Self.magic.count + 8]))
        else { return nil }
        let name = bytes[(Self.magic.count + 8)...].prefix { $0 != 0 }
        guard !name.isEmpty, name.allSatisfy(isNameByte),
            bytes[(Self.magic.count + 8 + name.count)...].allSatisfy({ $0 == 0 })
        else { return nil }
        self.init(identifier: identifier, name: String(decoding: name, as: UTF8.self))
    }

    private static let magic = Array("WELLSPR1".utf8)
    /// Bytes.
    package static let longestName = 16
    /// Bytes: 8 of magic, 8 hexadecimal digits, the name.
    package static let announcementByteCount = 16 + longestName
}

/// A node and those that its entropy comes from, nearest first. With several upstreams it is the set of
/// all nodes above.
package struct EGDPath: Hashable, Sendable {
    package var nodes: [EGDNode]
    /// False when a reply had no room for all nodes: it proves nothing then.
    package var isComplete: Bool
    /// The listener that said so gives output of a generator, which is worth no credit.
    package var isGenerated: Bool

    package init(nodes: [EGDNode], isComplete: Bool = true, isGenerated: Bool = false) {
        self.nodes = nodes
        self.isComplete = isComplete
        self.isGenerated = isGenerated
    }

    /// The reply to `04` for a client that announced itself: process id, the word `wellspring`, or
    /// `wellspring-drbg` where a generator's output is served, the nodes, and `+` where there are more; at most ``EGDWire/maximumByteCount`` bytes, no length byte.
    package func reply(processID: Int32) -> [UInt8] {
        var bytes = Array("\(processID) \(isGenerated ? Self.generatorWord : Self.word)".utf8)
        // Room for the mark is kept in any case.
        let room = EGDWire.maximumByteCount - Self.mark.utf8.count
        var all = isComplete
        for node in nodes {
            let text = " " + node.text
            guard bytes.count + text.utf8.count <= room else {
                all = false
                break
            }
            bytes += Array(text.utf8)
        }
        return all ? bytes : bytes + Array(Self.mark.utf8)
    }

    /// Nil for the reply of another server, which is a process id alone, and for what is malformed.
    package init?(reply: some Collection<UInt8>) {
        let words = reply.split(separator: UInt8(ascii: " ")).map { Array($0) }
        let isGenerated = words.count > 1 && words[1] == Array(Self.generatorWord.utf8)
        guard words.count >= 3, isGenerated || words[1] == Array(Self.word.utf8) else { return nil }
        var texts = words[2...].map { String(decoding: $0, as: UTF8.self) }
        let isComplete = texts.last != "+"
        if !isComplete { texts.removeLast() }
        let nodes = texts.compactMap { EGDNode(text: $0) }
        guard nodes.count == texts.count, !nodes.isEmpty else { return nil }
        self.init(nodes: nodes, isComplete: isComplete, isGenerated: isGenerated)
    }

    private static let word = "wellspring"
    private static let generatorWord = "wellspring-drbg"
    private static let mark = " +"
}

private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        true
    default: false
    }
}

/// Eight digits.
private func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
}

/// Of eight hexadecimal digits in lower case: one number has one text.
private func number(_ digits: [UInt8]) -> UInt32? {
    guard digits.count == 8,
        digits.allSatisfy({
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        })
    else { return nil }
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
}
