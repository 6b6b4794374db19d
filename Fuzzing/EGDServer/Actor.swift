// A client of a scene, with a model of what it must be told.
// SPDX-License-Identifier: Apache-2.0

internal import EGDProtocol
internal import Glibc

/// Says what it is told to say, reads when it is told to read, and checks each reply against its request.
final class Actor {
    private let descriptor: Int32
    private let isScarce: Bool
    private var parser = EGDCommandParser()
    private var open: [EGDRequest] = []
    private var reader: EGDReplyReader?

    init(_ stage: Stage, listener: Int) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        precondition(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        descriptor = ends[0]
        isScarce = listener != 1
        if listener == 2 { open.append(.readBlocking(5)) }
        stage.admit(ends[1], listener: listener)
    }

    func say(_ bytes: UnsafeRawBufferPointer) {
        let sent = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        guard sent > 0 else { return }
        var offset = 0
        let said = UnsafeRawBufferPointer(rebasing: bytes[..<sent])
        while let command = parser.next(in: said, from: &offset) {
            if case .request(let request) = command { open.append(request) }
        }
    }

    /// Takes up to so many bytes that are there, and checks them.
    func listen(upTo limit: Int, _ stage: Stage) {
        var left = limit
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while left > 0 {
            let got = recv(descriptor, &buffer, min(left, buffer.count), 0)
            guard got > 0 else { return }
            for byte in buffer[..<got] { take(byte, stage) }
            left -= got
            stage.turn()
        }
    }

    private func take(_ byte: UInt8, _ stage: Stage) {
        while reader == nil || reader?.expectation == .end {
            precondition(!open.isEmpty, "a byte came that was not asked for")
            reader = EGDReplyReader(replyTo: open[0])
            if reader?.expectation == .end { open.removeFirst() }
        }
        switch reader?.expectation {
        case .framing:
            precondition(
                reader?.take(framing: byte) == true,
                "a reply announces more than was asked"
            )
        case .payload:
            if isScarce, open[0].byteCount > 0 {
                precondition(stage.seen.insert(byte).inserted, "a byte came twice")
                precondition(Int(byte) < stage.scarce.taken, "a byte came that nobody supplied")
            }
            reader?.takePayload(byteCount: 1)
        default: preconditionFailure("a finished reply goes on")
        }
        if reader?.expectation == .end { open.removeFirst() }
    }

    func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }
    func leave() { close(descriptor) }
}
