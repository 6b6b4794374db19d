// Finding frames in what a key sends, whatever else stands between them.
// SPDX-License-Identifier: Apache-2.0

/// A buffer that bytes are read into and frames are taken from, in place. Bytes that belong to no frame
/// are dropped up to the next `*`, and one run of them counts as one framing error; a frame with bytes
/// missing costs only itself.
///
/// What passes is encrypted, so the memory is ordinary.
struct FrameScanner: ~Copyable {
    private let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: capacity,
        alignment: 64
    )
    private var start = 0
    private var end = 0
    private var isLost = false
    private(set) var frameCount: UInt64 = 0
    private(set) var framingErrorCount: UInt64 = 0
    /// Of the last frame in the stream.
    private(set) var lastFrameOffset: UInt64 = 0
    private var consumed: UInt64 = 0

    deinit { memory.deallocate() }

    /// Lets `body` put bytes into free memory, never empty after ``next()`` gave nil; it returns how many.
    mutating func fill(_ body: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        if start > 0 {
            memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<end]))
            (start, end) = (0, end - start)
        }
        let count = body(UnsafeMutableRawBufferPointer(rebasing: memory[end...]))
        precondition(count <= memory.count - end)
        end += max(0, count)
        return count
    }

    /// The next frame, which lies in this buffer until the next call of any kind; nil when more bytes are
    /// needed.
    mutating func next() -> EntropyKeyFrame? {
        while end - start >= EntropyKeyFrame.byteCount {
            let frame = UnsafeRawBufferPointer(
                rebasing: memory[start..<start + EntropyKeyFrame.byteCount]
            )
            if (frame[0], frame[1]) == EntropyKeyFrame.startMark,
                (frame[62], frame[63]) == EntropyKeyFrame.endMark
            {
                lastFrameOffset = consumed
                advance(by: EntropyKeyFrame.byteCount)
                isLost = false
                frameCount &+= 1
                return EntropyKeyFrame(frame)
            }
            if !isLost { framingErrorCount &+= 1 }
            isLost = true
            let later = memory[start + 1..<end].firstIndex(of: EntropyKeyFrame.startMark.0)
            advance(by: (later ?? end) - start)
        }
        return nil
    }

    /// Forgets what is buffered, as when a connection begins anew.
    mutating func clear() {
        advance(by: end - start)
        isLost = false
    }

    private mutating func advance(by count: Int) {
        start += count
        consumed &+= UInt64(count)
    }

    /// Bytes: half a second of a key at its full rate (8 kB/s), and the largest read of a terminal.
    static let capacity = 4096
}
