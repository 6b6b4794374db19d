// FIPS 140-2, section 4.9.1, on bytes that come in pieces of any length.
// SPDX-License-Identifier: Apache-2.0

/// Cuts a stream into blocks and tests them. The first four bytes are only compared with; what is left
/// at the end is not tested. Memory: one block.
package struct FIPS140Stream: ~Copyable {
    private var test = FIPS140Test(initialWord: 0)
    private var hasFirstWord = false
    /// Bytes of the next block, or of the first word.
    private var held: [UInt8] = []

    package init() { held.reserveCapacity(BitBlock.byteCount) }

    /// Counts of all whole blocks so far.
    package var statistics: FIPS140Statistics { test.statistics }

    /// Takes the next bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let wanted = hasFirstWord ? BitBlock.byteCount : MemoryLayout<UInt32>.size
            if hasFirstWord, held.isEmpty, rest.count >= wanted {
                test.test(UnsafeRawBufferPointer(rebasing: rest.prefix(wanted)))
                rest = rest.dropFirst(wanted)
                continue
            }
            let taken = rest.prefix(wanted - held.count)
            held.append(contentsOf: taken)
            rest = rest.dropFirst(taken.count)
            guard held.count == wanted else { return }
            if hasFirstWord {
                held.withUnsafeBytes { _ = test.test($0) }
            } else {
                let word = held.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
                test = FIPS140Test(initialWord: UInt32(littleEndian: word))
                hasFirstWord = true
            }
            held.removeAll(keepingCapacity: true)
        }
    }
}
