// Length of a sample as text that libbz2 has compressed (SP 800-90B, section 5.1.11).
// SPDX-License-Identifier: Apache-2.0

internal import CBZip2

/// Length in bytes of the decimal values joined by blanks after compression by libbz2, which the
/// reference tool calls with block size 5 and work factor 0.
func libraryTextLength(_ samples: UnsafeBufferPointer<UInt8>) -> Int {
    var text: [UInt8] = []
    text.reserveCapacity(4 * samples.count)
    let numerals = (0...255).map { Array("\($0) ".utf8) }
    for sample in samples { text += numerals[Int(sample)] }
    _ = text.popLast()
    // The bound that the library's manual gives: 1 % more and 600 bytes.
    var length = UInt32(text.count + text.count / 100 + 600)
    let output = ScratchMemory<UInt8>(count: Int(length))
    defer { output.deallocate() }
    let status = text.withUnsafeMutableBytes { text in
        output.base.withMemoryRebound(to: CChar.self, capacity: Int(length)) { output in
            BZ2_bzBuffToBuffCompress(
                output,
                &length,
                text.baseAddress?.assumingMemoryBound(to: CChar.self),
                UInt32(text.count),
                5,
                0,
                0
            )
        }
    }
    precondition(status == BZ_OK, "libbz2 is out of memory")
    return Int(length)
}
