// The server's side of the EGD protocol: commands out of a byte stream cut anywhere.
// SPDX-License-Identifier: Apache-2.0

/// What a client said.
package enum EGDCommand: Equatable, Sendable {
    /// To be answered; answers keep the order of the requests.
    case request(EGDRequest)
    /// `03`: `byteCount` bytes follow as ``writeData(_:)``, in one piece or several, none for 0. The
    /// claim is the client's word and worth no credit.
    case write(claimedBits: UInt16, byteCount: UInt8)
    /// The next bytes of the write under way: offsets into the buffer just parsed.
    case writeData(Range<Int>)
    /// No such command: the connection is to be closed. The parser yields nothing more.
    case unknown(UInt8)
}

/// Turns bytes into commands. A few bytes of state, no allocation, no look at what a write carries.
package struct EGDCommandParser: Equatable, Sendable {
    private var phase = Phase.command
    /// Bytes of the write under way that are still to come.
    private var remaining: UInt8 = 0
    private var claimedBits: UInt16 = 0

    package init() {}

    /// The next command in `bytes` from `offset` on, which advances past it; nil when `bytes` is used
    /// up. A command may begin in one buffer and end in a later one.
    package mutating func next(
        in bytes: UnsafeRawBufferPointer,
        from offset: inout Int
    ) -> EGDCommand? {
        while offset < bytes.count {
            if phase == .data { return writeData(in: bytes, from: &offset) }
            let byte = bytes[offset]
            offset &+= 1
            switch phase {
            case .command:
                switch byte {
                case EGDWire.level: return .request(.level)
                case EGDWire.readNonBlocking: phase = .nonBlockingCount
                case EGDWire.readBlocking: phase = .blockingCount
                case EGDWire.write: phase = .claimHigh
                case EGDWire.processID: return .request(.processID)
                default:
                    phase = .refused
                    return .unknown(byte)
                }
            case .nonBlockingCount:
                phase = .command
                return .request(.readNonBlocking(byte))
            case .blockingCount:
                phase = .command
                return .request(.readBlocking(byte))
            case .claimHigh:
                claimedBits = UInt16(byte) << 8
                phase = .claimLow
            case .claimLow:
                claimedBits |= UInt16(byte)
                phase = .writeCount
            case .writeCount:
                remaining = byte
                phase = byte == 0 ? .command : .data
                return .write(claimedBits: claimedBits, byteCount: byte)
            case .data, .refused:
                break
            }
        }
        return nil
    }

    /// An unknown command came: there is nothing more to parse.
    package var hasRefused: Bool { phase == .refused }

    /// Phase, bytes of a write that are to come, claimed bits.
    var text: String { "\(phase.rawValue),\(remaining),\(claimedBits)" }

    /// Nil for anything else than what ``text`` gives.
    init?(text: some StringProtocol) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 3, let phase = UInt8(parts[0]).flatMap({ Phase(rawValue: $0) }),
            let remaining = UInt8(parts[1]), let claimedBits = UInt16(parts[2]),
            (phase == .data) == (remaining > 0)
        else { return nil }
        (self.phase, self.remaining, self.claimedBits) = (phase, remaining, claimedBits)
    }

    private mutating func writeData(
        in bytes: UnsafeRawBufferPointer,
        from offset: inout Int
    ) -> EGDCommand {
        let count = min(Int(remaining), bytes.count - offset)
        let range = offset..<(offset + count)
        offset += count
        remaining -= UInt8(count)
        if remaining == 0 { phase = .command }
        return .writeData(range)
    }

    private enum Phase: UInt8 {
        case command, nonBlockingCount, blockingCount, claimHigh, claimLow, writeCount, data,
            refused
    }
}
