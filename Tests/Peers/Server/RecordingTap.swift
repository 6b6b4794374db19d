// A tap whose every byte tells where it belongs, and which writes down what it gave.
// SPDX-License-Identifier: Apache-2.0

internal import EGDService
internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// Serves the 8-byte big-endian numbers `firstWord`, `firstWord` + 1, and so on: the byte at position p
/// is one of number p / 8. Each piece that was taken is one line of the record, "POSITION COUNT", written
/// before the piece is given away, so that the record is right whenever this process is killed.
final class RecordingTap: EntropyTap {
    private struct State {
        var position: Int
        /// Bytes that may still be taken; nil: without end.
        var supply: Int?
    }

    private let state: Mutex<State>
    private let record: Int32

    init(firstWord: Int, supply: Int?, recordPath: String) throws(SystemError) {
        record = open(recordPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard record >= 0 else { throw SystemError("write \(recordPath)") }
        state = Mutex(State(position: firstWord * 8, supply: supply))
    }

    deinit { close(record) }

    func supply(_ byteCount: Int) {
        state.withLock { $0.supply? += byteCount }
    }

    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let (position, count) = state.withLock { state in
            let count = min(buffer.count, state.supply ?? buffer.count)
            defer {
                state.position += count
                state.supply? -= count
            }
            return (state.position, count)
        }
        guard count > 0 else { return 0 }
        let line = Array("\(position) \(count)\n".utf8)
        // A record with a gap would prove nothing.
        precondition(write(record, line, line.count) == line.count, "the record cannot be written")
        for index in 0..<count { buffer[index] = streamByte(position + index) }
        return count
    }

    var availableBits: Int { state.withLock { $0.supply ?? plenty } * 8 }

    func mix(_ bytes: UnsafeRawBufferPointer) {}

    func requestMore() {}
}

private func streamByte(_ position: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: (position / 8) >> (8 * (7 - position % 8)))
}

/// Bytes; what a tap without end says it has.
private let plenty = 1 << 20
