// The server's parser: every command, any split, any garbage.
// SPDX-License-Identifier: Apache-2.0

import EGDProtocol
import Testing

@Suite("EGDCommandParser")
struct EGDCommandParserTests {
    struct Case: Sendable {
        var bytes: [UInt8]
        var commands: [Said]
    }

    static let cases: [Case] = [
        Case(bytes: [0x00], commands: [.request(.level)]),
        Case(bytes: [0x01, 0x20], commands: [.request(.readNonBlocking(32))]),
        Case(bytes: [0x02, 0xff], commands: [.request(.readBlocking(255))]),
        Case(bytes: [0x02, 0x00], commands: [.request(.readBlocking(0))]),
        Case(bytes: [0x04], commands: [.request(.processID)]),
        Case(
            bytes: [0x03, 0x12, 0x34, 0x03, 0x00, 0x01, 0x02, 0x04],
            commands: [.write(0x1234, [0, 1, 2]), .request(.processID)]
        ),
        Case(
            bytes: [0x03, 0xff, 0xff, 0x00, 0x02, 0x01],
            commands: [.write(0xffff, []), .request(.readBlocking(1))]
        ),
        Case(bytes: [0x00, 0x05, 0x00, 0x02, 0x20], commands: [.request(.level), .unknown(5)]),
        Case(bytes: [0x47, 0x45, 0x54], commands: [.unknown(0x47)]),
        Case(bytes: [0x02], commands: []),
        Case(bytes: [0x03, 0x00, 0x08], commands: []),
    ]

    @Test("commands are told apart", arguments: cases)
    func commands(_ c: Case) {
        #expect(said(by: [c.bytes]) == c.commands)
    }

    @Test("a split at any byte changes nothing", arguments: cases)
    func split(_ c: Case) {
        for cut in 0...c.bytes.count {
            #expect(said(by: [Array(c.bytes[..<cut]), Array(c.bytes[cut...])]) == c.commands)
        }
        #expect(said(by: c.bytes.map { [$0] }) == c.commands)
    }

    @Test("data of a write comes by reference and in pieces")
    func pieces() {
        var parser = EGDCommandParser()
        let first: [UInt8] = [0x03, 0, 8, 4, 0xaa, 0xbb]
        let second: [UInt8] = [0xcc, 0xdd, 0x00]
        #expect(
            commands(of: &parser, in: first) == [
                .write(claimedBits: 8, byteCount: 4), .writeData(4..<6),
            ]
        )
        #expect(commands(of: &parser, in: second) == [.writeData(0..<2), .request(.level)])
    }

    /// 200,000 strings of 0 to 40 bytes, most bytes small so that commands abound.
    @Test("any bytes give the same commands however they are cut, and never trap")
    func randomStrings() {
        var random = SplitMix(seed: 0x4547_4421)
        var unknown = 0
        var writes = 0
        for _ in 0..<200_000 {
            let bytes = (0..<random.next(below: 41)).map { _ in
                random.next(below: 8) == 0
                    ? UInt8(random.next(below: 256)) : UInt8(random.next(below: 5))
            }
            var pieces: [[UInt8]] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + 1 + random.next(below: 6))
                pieces.append(Array(bytes[start..<end]))
                start = end
            }
            let whole = said(by: [bytes])
            if whole != said(by: pieces) {
                Issue.record("\(bytes) gives other commands when cut into \(pieces)")
                return
            }
            if case .unknown = whole.last { unknown += 1 }
            if whole.contains(where: { if case .write = $0 { true } else { false } }) {
                writes += 1
            }
        }
        #expect(unknown > 10_000)
        #expect(writes > 10_000)
    }

    /// What was said, with the pieces of a write joined.
    enum Said: Equatable, Sendable {
        case request(EGDRequest)
        case write(UInt16, [UInt8])
        case unknown(UInt8)
    }

    private func commands(of parser: inout EGDCommandParser, in bytes: [UInt8]) -> [EGDCommand] {
        var offset = 0
        var all: [EGDCommand] = []
        bytes.withUnsafeBytes { buffer in
            while let command = parser.next(in: buffer, from: &offset) { all.append(command) }
        }
        #expect(offset == bytes.count || all.last.map(isUnknown) == true)
        return all
    }

    private func isUnknown(_ command: EGDCommand) -> Bool {
        if case .unknown = command { true } else { false }
    }

    /// The complete commands in `pieces`; a write without all its data is left out.
    private func said(by pieces: [[UInt8]]) -> [Said] {
        var parser = EGDCommandParser()
        var all: [Said] = []
        var open: (claim: UInt16, missing: Int, data: [UInt8])?
        for piece in pieces {
            piece.withUnsafeBytes { buffer in
                var offset = 0
                while let command = parser.next(in: buffer, from: &offset) {
                    switch command {
                    case .request(let request): all.append(.request(request))
                    case .unknown(let byte): all.append(.unknown(byte))
                    case .write(let claim, let count): open = (claim, Int(count), [])
                    case .writeData(let range):
                        open?.data += buffer[range]
                        open?.missing -= range.count
                    }
                    if let write = open, write.missing == 0 {
                        all.append(.write(write.claim, write.data))
                        open = nil
                    }
                }
            }
        }
        return all
    }
}

/// A seeded generator: SplitMix64.
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func next(below bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
