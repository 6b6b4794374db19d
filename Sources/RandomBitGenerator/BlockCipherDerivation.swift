// Block_Cipher_df with AES-256 (SP 800-90A Rev. 1 section 10.3.2) to 48 bytes.
// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import Entropy

/// The derivation function, without a copy of its input: the three runs of BCC, which differ only
/// in their first block, advance together.
enum BlockCipherDerivation {
    /// Derives 48 bytes from a || b || c. `work` is 64 bytes of secret memory, wiped afterwards.
    /// False when the cipher refused.
    static func derive(
        _ a: UnsafeRawBufferPointer,
        _ b: UnsafeRawBufferPointer,
        _ c: UnsafeRawBufferPointer,
        work: UnsafeMutableRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        defer { wipe(work) }
        wipe(work)
        var chains = Chains(work, isFine: true)
        // Steps 2 to 5: S = L || N || input || 0x80, with zeros to a whole block; step 9: IV_i ||
        // S.
        chains.absorbCounters()
        let lengths = (
            UInt32(a.count + b.count + c.count).bigEndian, UInt32(outputByteCount).bigEndian
        )
        withUnsafeBytes(of: lengths) { chains.absorb($0) }
        for input in [a, b, c] { chains.absorb(input) }
        chains.finish()
        // Steps 10 and 11: K and X are the leftmost 48 bytes of the three results.
        let key = SymmetricKey(data: UnsafeRawBufferPointer(rebasing: work[..<32]))
        let x = UnsafeMutableRawBufferPointer(rebasing: work[32..<48])
        // Steps 12 to 14.
        for start in stride(from: 0, to: outputByteCount, by: blockByteCount) {
            chains.isFine = encryptBlock(x, key: key) && chains.isFine
            UnsafeMutableRawBufferPointer(rebasing: output[start..<(start + blockByteCount)])
                .copyMemory(from: UnsafeRawBufferPointer(x))
        }
        return chains.isFine
    }
}

/// The chaining values of BCC (section 10.3.3) for IV 0, 1 and 2, and the block being filled.
private struct Chains {
    private let values: UnsafeMutableRawBufferPointer
    private let block: UnsafeMutableRawBufferPointer
    private var filled = 0
    var isFine: Bool

    init(_ work: UnsafeMutableRawBufferPointer, isFine: Bool) {
        values = UnsafeMutableRawBufferPointer(rebasing: work[..<48])
        block = UnsafeMutableRawBufferPointer(rebasing: work[48..<64])
        self.isFine = isFine
    }

    /// The first block of run i: i as 32 bits, then zeros.
    mutating func absorbCounters() {
        for run in 0..<3 { values[blockByteCount * run + 3] = UInt8(run) }
        encryptAll()
    }

    mutating func absorb(_ input: UnsafeRawBufferPointer) {
        for byte in input {
            block[filled] = byte
            filled += 1
            if filled == blockByteCount { absorbBlock() }
        }
    }

    mutating func finish() {
        withUnsafeBytes(of: UInt8(0x80)) { absorb($0) }
        if filled > 0 { absorbBlock() }
    }

    private mutating func absorbBlock() {
        for index in values.indices { values[index] ^= block[index % blockByteCount] }
        wipe(block)
        filled = 0
        encryptAll()
    }

    private mutating func encryptAll() {
        for start in stride(from: 0, to: values.count, by: blockByteCount) {
            let value = UnsafeMutableRawBufferPointer(
                rebasing: values[start..<(start + blockByteCount)]
            )
            isFine = encryptBlock(value, key: derivationKey) && isFine
        }
    }
}

/// AES: 128 bits.
private let blockByteCount = 16

/// seedlen for AES-256, 384 bits.
private let outputByteCount = CTRDRBG.seedByteCount

/// Step 8: 00 01 02 ... 1F.
private let derivationKey = SymmetricKey(data: Array(UInt8(0)..<32))
