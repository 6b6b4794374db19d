// Fuzz target: everything of the EGD protocol that is read from outside, whole and in pieces.
// SPDX-License-Identifier: Apache-2.0

internal import CFuzzing
internal import EGDProtocol
internal import Glibc

/// What a command says, without where its bytes lay.
private enum Heard: Equatable {
    case command(EGDCommand)
    case data([UInt8])
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let data, size > 0 else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: data, count: size)
    let input = UnsafeRawBufferPointer(rebasing: bytes[1...])
    switch bytes[0] % 4 {
    case 0: checkParser(input)
    case 1: checkReplies(input)
    case 2: checkNodes(input)
    default: checkStates(input)
    }
    return 0
}

/// The package manager's name for this program's main.
@_cdecl("fuzz_egd_codec_main")
public func start(
    _ count: Int32,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
    var count = count
    var arguments = arguments
    return LLVMFuzzerRunDriver(&count, &arguments) { testOneInput($0, $1) }
}

/// The commands are the same however the stream is cut.
private func checkParser(_ bytes: UnsafeRawBufferPointer) {
    let whole = parse([bytes])
    let single = parse(bytes.indices.map { UnsafeRawBufferPointer(rebasing: bytes[$0..<$0 + 1]) })
    precondition(joined(whole) == joined(single), "a stream in pieces says something else")
    let unknown = whole.firstIndex { if case .command(.unknown) = $0 { true } else { false } }
    precondition(unknown == nil || unknown == whole.count - 1, "the parser went on after a refusal")
}

private func parse(_ pieces: [UnsafeRawBufferPointer]) -> [Heard] {
    var parser = EGDCommandParser()
    var heard: [Heard] = []
    for piece in pieces {
        var offset = 0
        while let command = parser.next(in: piece, from: &offset) {
            precondition(offset <= piece.count)
            if case .writeData(let range) = command {
                precondition(!range.isEmpty && range.upperBound <= piece.count)
                heard.append(.data(Array(piece[range])))
            } else {
                heard.append(.command(command))
            }
        }
    }
    return heard
}

/// Neighbouring pieces of data as one.
private func joined(_ heard: [Heard]) -> [Heard] {
    heard.reduce(into: []) { result, next in
        if case .data(let more) = next, case .data(let before)? = result.last {
            result[result.count - 1] = .data(before + more)
        } else {
            result.append(next)
        }
    }
}

/// A reply reader never expects more than was asked for, and ends.
private func checkReplies(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 2 else { return }
    let request: EGDRequest =
        switch bytes[0] % 4 {
        case 0: .level
        case 1: .readNonBlocking(bytes[1])
        case 2: .readBlocking(bytes[1])
        default: .processID
        }
    var reader = EGDReplyReader(replyTo: request)
    var offset = 2
    while offset < bytes.count {
        switch reader.expectation {
        case .framing:
            guard reader.take(framing: bytes[offset]) else { return }
            offset += 1
        case .payload(let missing):
            precondition((1...EGDWire.maximumByteCount).contains(missing))
            let count = min(missing, bytes.count - offset)
            reader.takePayload(byteCount: count)
            offset += count
        case .end: return
        }
    }
}

private func checkNodes(_ bytes: UnsafeRawBufferPointer) {
    if let node = EGDNode(announcement: Array(bytes)) {
        precondition(node.announcement == Array(bytes))
        precondition(EGDNode(text: node.text) == node)
    }
    if let path = EGDPath(reply: Array(bytes)) {
        let again = path.reply(processID: 1)
        precondition(again.count <= EGDWire.maximumByteCount)
        precondition(EGDPath(reply: again) != nil)
    }
    _ = EGDNode(text: String(decoding: bytes, as: UTF8.self))
}

private func checkStates(_ bytes: UnsafeRawBufferPointer) {
    guard let state = EGDConnectionState(text: String(decoding: bytes, as: UTF8.self)) else {
        return
    }
    precondition(EGDConnectionState(text: state.text) == state)
}
