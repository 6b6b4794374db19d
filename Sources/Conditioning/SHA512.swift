// SHA-512 (FIPS 180-4 section 6.4), streaming, with its whole state in wiped memory.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// One SHA-512 computation over any number of pieces.
///
/// The chaining value, the message schedule and the partial block live in secret memory; nothing is
/// allocated after the initialiser. Working variables pass through registers and may be spilled to
/// the stack: that is not wiped. It exists beside swift-crypto because digests there are not wiped
/// and bring Foundation into programs that must do without.
package struct SHA512: ~Copyable {
    private let memory: SecretBytes

    package init() {
        memory = SecretBytes(count: Layout.byteCount)
        reset()
    }

    /// Forgets all input and starts anew.
    package mutating func reset() {
        memory.withMutableBytes { bytes in
            wipe(bytes)
            let words = bytes.baseAddress!.assumingMemoryBound(to: UInt64.self)
            for (index, word) in initialHashValue.enumerated() { words[index] = word }
        }
    }

    package mutating func update(_ input: UnsafeRawBufferPointer) {
        guard let start = input.baseAddress, input.count > 0 else { return }
        memory.withMutableBytes { bytes in
            let layout = Layout(bytes)
            let filled = layout.partialByteCount
            layout.totalByteCount.pointee &+= UInt64(input.count)
            var next = start
            var left = input.count
            if filled > 0 {
                let taken = min(left, blockByteCount - filled)
                (layout.block + filled).copyMemory(from: next, byteCount: taken)
                next += taken
                left -= taken
                guard filled + taken == blockByteCount else { return }
                compress(layout, UnsafeRawPointer(layout.block), blockCount: 1)
            }
            let whole = left / blockByteCount
            compress(layout, next, blockCount: whole)
            next += whole * blockByteCount
            left -= whole * blockByteCount
            layout.block.copyMemory(from: next, byteCount: left)
        }
    }

    /// Appends one byte per sample: its low bits under `mask`.
    mutating func update(samples: UnsafeBufferPointer<RawSample>, mask: RawSample) {
        guard let samples = samples.baseAddress.map({ (start: $0, count: samples.count) }) else {
            return
        }
        memory.withMutableBytes { bytes in
            let layout = Layout(bytes)
            var filled = layout.partialByteCount
            layout.totalByteCount.pointee &+= UInt64(samples.count)
            let block = layout.block.assumingMemoryBound(to: UInt8.self)
            for index in 0..<samples.count {
                block[filled] = UInt8(truncatingIfNeeded: samples.start[index] & mask)
                filled &+= 1
                if filled == blockByteCount {
                    compress(layout, UnsafeRawPointer(layout.block), blockCount: 1)
                    filled = 0
                }
            }
        }
    }

    /// Writes the digest of everything since the last reset to the first 64 bytes of `digest`,
    /// wipes the computation and resets it.
    package mutating func finalize(into digest: UnsafeMutableRawBufferPointer) {
        precondition(digest.count >= SHA512.digestByteCount)
        memory.withMutableBytes { bytes in
            let layout = Layout(bytes)
            let filled = layout.partialByteCount
            // FIPS 180-4 section 5.1.2: a one bit, zeros, the length in bits as a 128-bit number.
            layout.block.storeBytes(of: 0x80, toByteOffset: filled, as: UInt8.self)
            clear(layout.block, from: filled + 1, to: blockByteCount)
            if filled >= lengthOffset {
                compress(layout, UnsafeRawPointer(layout.block), blockCount: 1)
                clear(layout.block, from: 0, to: lengthOffset)
            }
            let total = layout.totalByteCount.pointee
            layout.block.storeBytes(
                of: (total &>> 61).bigEndian,
                toByteOffset: lengthOffset,
                as: UInt64.self
            )
            layout.block.storeBytes(
                of: (total &<< 3).bigEndian,
                toByteOffset: lengthOffset + 8,
                as: UInt64.self
            )
            compress(layout, UnsafeRawPointer(layout.block), blockCount: 1)
            for index in 0..<8 {
                digest.storeBytes(
                    of: layout.state[index].bigEndian,
                    toByteOffset: 8 * index,
                    as: UInt64.self
                )
            }
        }
        reset()
    }

    /// Continues from where `other` stands, so that one input can have several endings.
    mutating func copyState(of other: borrowing SHA512) {
        memory.withMutableBytes { target in
            other.memory.withBytes { target.copyMemory(from: $0) }
        }
    }

    /// 512 bits.
    package static let digestByteCount = 64

    /// What `body` sees is the whole secret state: for tests that observe a wipe.
    borrowing func withState<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        memory.withBytes(body)
    }
}

/// Where the parts lie in the secret memory.
private struct Layout {
    let state: UnsafeMutablePointer<UInt64>
    let schedule: UnsafeMutablePointer<UInt64>
    let totalByteCount: UnsafeMutablePointer<UInt64>
    let block: UnsafeMutableRawPointer

    init(_ bytes: UnsafeMutableRawBufferPointer) {
        let words = bytes.baseAddress!.assumingMemoryBound(to: UInt64.self)
        state = words
        schedule = words + 8
        totalByteCount = words + 24
        block = UnsafeMutableRawPointer(words + 25)
    }

    var partialByteCount: Int { Int(truncatingIfNeeded: totalByteCount.pointee) & 127 }

    /// State, schedule and count: 8 + 16 + 1 words of 8 bytes; one block.
    static let byteCount = 25 * 8 + blockByteCount
}

private func clear(_ block: UnsafeMutableRawPointer, from start: Int, to end: Int) {
    guard start < end else { return }
    wipe(UnsafeMutableRawBufferPointer(start: block + start, count: end - start))
}

/// FIPS 180-4 section 6.4.2, steps 1 to 4, for each block.
private func compress(_ layout: Layout, _ input: UnsafeRawPointer, blockCount: Int) {
    let state = layout.state
    let w = layout.schedule
    roundConstants.withUnsafeBufferPointer { constants in
        let table = constants.baseAddress!
        var next = input
        for _ in 0..<blockCount {
            for t in 0..<16 {
                w[t] = UInt64(bigEndian: next.loadUnaligned(fromByteOffset: 8 * t, as: UInt64.self))
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            var (e, f, g, h) = (state[4], state[5], state[6], state[7])
            var k = table
            var pass = 0
            while true {
                // Sixteen rounds; the eight variables are back in place after each eight.
                round(a, b, c, &d, e, f, g, &h, k[0] &+ w[0])
                round(h, a, b, &c, d, e, f, &g, k[1] &+ w[1])
                round(g, h, a, &b, c, d, e, &f, k[2] &+ w[2])
                round(f, g, h, &a, b, c, d, &e, k[3] &+ w[3])
                round(e, f, g, &h, a, b, c, &d, k[4] &+ w[4])
                round(d, e, f, &g, h, a, b, &c, k[5] &+ w[5])
                round(c, d, e, &f, g, h, a, &b, k[6] &+ w[6])
                round(b, c, d, &e, f, g, h, &a, k[7] &+ w[7])
                round(a, b, c, &d, e, f, g, &h, k[8] &+ w[8])
                round(h, a, b, &c, d, e, f, &g, k[9] &+ w[9])
                round(g, h, a, &b, c, d, e, &f, k[10] &+ w[10])
                round(f, g, h, &a, b, c, d, &e, k[11] &+ w[11])
                round(e, f, g, &h, a, b, c, &d, k[12] &+ w[12])
                round(d, e, f, &g, h, a, b, &c, k[13] &+ w[13])
                round(c, d, e, &f, g, h, a, &b, k[14] &+ w[14])
                round(b, c, d, &e, f, g, h, &a, k[15] &+ w[15])
                pass &+= 1
                if pass == 5 { break }
                k += 16
                expand(w)
            }
            state[0] &+= a
            state[1] &+= b
            state[2] &+= c
            state[3] &+= d
            state[4] &+= e
            state[5] &+= f
            state[6] &+= g
            state[7] &+= h
            next += blockByteCount
        }
    }
}

/// One round of step 3, without moving the variables that keep their value.
@inline(__always)
private func round(
    _ a: UInt64,
    _ b: UInt64,
    _ c: UInt64,
    _ d: inout UInt64,
    _ e: UInt64,
    _ f: UInt64,
    _ g: UInt64,
    _ h: inout UInt64,
    _ constantAndWord: UInt64
) {
    let t1 =
        h &+ (rotate(e, 14) ^ rotate(e, 18) ^ rotate(e, 41)) &+ (g ^ (e & (f ^ g)))
        &+ constantAndWord
    d = d &+ t1
    h = t1 &+ (rotate(a, 28) ^ rotate(a, 34) ^ rotate(a, 39)) &+ ((a & b) ^ (c & (a ^ b)))
}

/// The next sixteen words of the schedule in place of the last sixteen (step 1).
@inline(__always)
private func expand(_ w: UnsafeMutablePointer<UInt64>) {
    for t in 0..<16 {
        let x = w[(t &+ 1) & 15]
        let y = w[(t &+ 14) & 15]
        w[t] =
            w[t] &+ w[(t &+ 9) & 15] &+ (rotate(x, 1) ^ rotate(x, 8) ^ (x &>> 7))
            &+ (rotate(y, 19) ^ rotate(y, 61) ^ (y &>> 6))
    }
}

@inline(__always)
private func rotate(_ x: UInt64, _ count: UInt64) -> UInt64 {
    (x &>> count) | (x &<< (64 &- count))
}

/// 1,024 bits (FIPS 180-4 figure 1).
private let blockByteCount = 128

/// Where the 128-bit message length starts in the last block, in bytes.
private let lengthOffset = 112

/// FIPS 180-4 section 5.3.5: the first 64 bits of the fractional parts of the square roots of the
/// first eight primes.
private let initialHashValue: [UInt64] = [
    0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1, 0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
]

/// FIPS 180-4 section 4.2.3: the first 64 bits of the fractional parts of the cube roots of the
/// first eighty primes.
private let roundConstants: [UInt64] = [
    0x428a_2f98_d728_ae22, 0x7137_4491_23ef_65cd, 0xb5c0_fbcf_ec4d_3b2f,
    0xe9b5_dba5_8189_dbbc, 0x3956_c25b_f348_b538, 0x59f1_11f1_b605_d019,
    0x923f_82a4_af19_4f9b, 0xab1c_5ed5_da6d_8118, 0xd807_aa98_a303_0242,
    0x1283_5b01_4570_6fbe, 0x2431_85be_4ee4_b28c, 0x550c_7dc3_d5ff_b4e2,
    0x72be_5d74_f27b_896f, 0x80de_b1fe_3b16_96b1, 0x9bdc_06a7_25c7_1235,
    0xc19b_f174_cf69_2694, 0xe49b_69c1_9ef1_4ad2, 0xefbe_4786_384f_25e3,
    0x0fc1_9dc6_8b8c_d5b5, 0x240c_a1cc_77ac_9c65, 0x2de9_2c6f_592b_0275,
    0x4a74_84aa_6ea6_e483, 0x5cb0_a9dc_bd41_fbd4, 0x76f9_88da_8311_53b5,
    0x983e_5152_ee66_dfab, 0xa831_c66d_2db4_3210, 0xb003_27c8_98fb_213f,
    0xbf59_7fc7_beef_0ee4, 0xc6e0_0bf3_3da8_8fc2, 0xd5a7_9147_930a_a725,
    0x06ca_6351_e003_826f, 0x1429_2967_0a0e_6e70, 0x27b7_0a85_46d2_2ffc,
    0x2e1b_2138_5c26_c926, 0x4d2c_6dfc_5ac4_2aed, 0x5338_0d13_9d95_b3df,
    0x650a_7354_8baf_63de, 0x766a_0abb_3c77_b2a8, 0x81c2_c92e_47ed_aee6,
    0x9272_2c85_1482_353b, 0xa2bf_e8a1_4cf1_0364, 0xa81a_664b_bc42_3001,
    0xc24b_8b70_d0f8_9791, 0xc76c_51a3_0654_be30, 0xd192_e819_d6ef_5218,
    0xd699_0624_5565_a910, 0xf40e_3585_5771_202a, 0x106a_a070_32bb_d1b8,
    0x19a4_c116_b8d2_d0c8, 0x1e37_6c08_5141_ab53, 0x2748_774c_df8e_eb99,
    0x34b0_bcb5_e19b_48a8, 0x391c_0cb3_c5c9_5a63, 0x4ed8_aa4a_e341_8acb,
    0x5b9c_ca4f_7763_e373, 0x682e_6ff3_d6b2_b8a3, 0x748f_82ee_5def_b2fc,
    0x78a5_636f_4317_2f60, 0x84c8_7814_a1f0_ab72, 0x8cc7_0208_1a64_39ec,
    0x90be_fffa_2363_1e28, 0xa450_6ceb_de82_bde9, 0xbef9_a3f7_b2c6_7915,
    0xc671_78f2_e372_532b, 0xca27_3ece_ea26_619c, 0xd186_b8c7_21c0_c207,
    0xeada_7dd6_cde0_eb1e, 0xf57d_4f7f_ee6e_d178, 0x06f0_67aa_7217_6fba,
    0x0a63_7dc5_a2c8_98a6, 0x113f_9804_bef9_0dae, 0x1b71_0b35_131c_471b,
    0x28db_77f5_2304_7d84, 0x32ca_ab7b_40c7_2493, 0x3c9e_be0a_15c9_bebc,
    0x431d_67c4_9c10_0d4c, 0x4cc5_d4be_cb3e_42b6, 0x597f_299c_fc65_7e2a,
    0x5fcb_6fab_3ad6_faec, 0x6c44_198c_4a47_5817,
]
