// CTR_DRBG with AES-256 (SP 800-90A Rev. 1 section 10.2.1), with and without derivation function.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Entropy

/// One instantiation: 256 bits of strength, Key and V in secret memory, wiped on release.
///
/// After each request the key is replaced, so that its state tells nothing of earlier output. It
/// does not fetch entropy itself (prediction resistance is ``reseed(entropy:additionalInput:)``
/// before ``generate(into:additionalInput:)``), and a copy of the whole machine, such as a virtual
/// machine resumed twice from one snapshot, repeats its output until the next reseed. In a forked
/// child it refuses. The first instantiation in a process runs ``CTRDRBGSelfTest``.
package struct CTRDRBG: ~Copyable {
    private let memory: SecretBytes
    private let derives: Bool
    private let guardian: ForkGuard

    /// With the derivation function: at least 32 bytes that hold 256 bits of entropy, and a nonce
    /// of at least 16 bytes (section 8.6.7), with the personalization at most 65,536 bytes in all.
    package init(
        entropy: UnsafeRawBufferPointer,
        nonce: UnsafeRawBufferPointer,
        personalization: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) throws(RandomBitGeneratorError) {
        try CTRDRBGSelfTest.once()
        try self.init(
            untested: entropy,
            nonce: nonce,
            personalization: personalization,
            derives: true
        )
    }

    /// Without the derivation function: exactly 48 bytes of full entropy; a personalization of at
    /// most 48 bytes.
    package init(
        fullEntropySeed: UnsafeRawBufferPointer,
        personalization: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) throws(RandomBitGeneratorError) {
        try CTRDRBGSelfTest.once()
        try self.init(
            untested: fullEntropySeed,
            nonce: UnsafeRawBufferPointer(start: nil, count: 0),
            personalization: personalization,
            derives: false
        )
    }

    /// What the self-test tests.
    init(
        untested entropy: UnsafeRawBufferPointer,
        nonce: UnsafeRawBufferPointer,
        personalization: UnsafeRawBufferPointer,
        derives: Bool,
        guardian: ForkGuard? = nil
    ) throws(RandomBitGeneratorError) {
        memory = SecretBytes(count: Layout.byteCount)
        self.derives = derives
        self.guardian = guardian ?? ForkGuard()
        guard !derives || nonce.count >= CTRDRBG.leastNonceByteCount else {
            throw RandomBitGeneratorError(code: .seedTooShort)
        }
        // Section 10.2.1.3: Key = 0, V = 0, as the memory is.
        try memory.withMutableBytes { (bytes) throws(RandomBitGeneratorError) in
            let layout = Layout(bytes)
            try prepareSeed(
                layout,
                entropy: entropy,
                nonce: nonce,
                string: personalization,
                derives: derives
            )
            try advance(layout, output: UnsafeMutableRawBufferPointer(start: nil, count: 0))
            layout.requests.pointee = 1
        }
    }

    /// Section 10.2.1.4: mixes new entropy, of the size the initialiser asks for.
    package mutating func reseed(
        entropy: UnsafeRawBufferPointer,
        additionalInput: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) throws(RandomBitGeneratorError) {
        try memory.withMutableBytes { (bytes) throws(RandomBitGeneratorError) in
            let layout = Layout(bytes)
            try checkUsable(layout)
            try prepareSeed(
                layout,
                entropy: entropy,
                nonce: UnsafeRawBufferPointer(start: nil, count: 0),
                string: additionalInput,
                derives: derives
            )
            try advance(layout, output: UnsafeMutableRawBufferPointer(start: nil, count: 0))
            layout.requests.pointee = 1
        }
    }

    /// Section 10.2.1.5: fills `output`, at most 65,536 bytes. On error it is left as it was.
    package mutating func generate(
        into output: UnsafeMutableRawBufferPointer,
        additionalInput: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) throws(RandomBitGeneratorError) {
        guard output.count <= CTRDRBG.greatestRequestByteCount else {
            throw RandomBitGeneratorError(code: .requestTooLong)
        }
        try memory.withMutableBytes { (bytes) throws(RandomBitGeneratorError) in
            let layout = Layout(bytes)
            try checkUsable(layout)
            guard layout.requests.pointee <= CTRDRBG.requestsPerSeed else {
                throw RandomBitGeneratorError(code: .reseedRequired)
            }
            wipe(layout.provided)
            if additionalInput.count > 0 {
                try prepareString(layout, additionalInput, derives: derives)
                try advance(layout, output: UnsafeMutableRawBufferPointer(start: nil, count: 0))
            }
            try advance(layout, output: output)
            layout.requests.pointee += 1
        }
    }

    private borrowing func checkUsable(
        _ layout: borrowing Layout
    ) throws(RandomBitGeneratorError) {
        // Zero: wiped, because this is a forked child or because the cipher failed.
        guard layout.requests.pointee > 0, guardian.isSameProcess else {
            throw RandomBitGeneratorError(code: .otherProcess)
        }
    }

    /// For the self-test: as if `count` requests had been answered since the last seed.
    mutating func pretendAnswered(_ count: UInt64) {
        memory.withMutableBytes { Layout($0).requests.pointee = count + 1 }
    }

    /// For tests: the whole secret state; Key and V come first.
    borrowing func withState<R>(_ body: (UnsafeMutableRawBufferPointer) -> R) -> R {
        memory.withMutableBytes(body)
    }

    /// SP 800-90A table 3, AES-256: 384 bits, key and block together.
    package static let seedByteCount = 48
    /// SP 800-90A table 3: entropy of at least the security strength, 256 bits.
    package static let leastEntropyByteCount = 32
    /// SP 800-90A section 8.6.7: half the security strength.
    package static let leastNonceByteCount = 16
    /// SP 800-90A table 3: 2^19 bits.
    package static let greatestRequestByteCount = 65_536
    /// Ours; the standard allows 2^48. In requests of 16 KiB these are 64 TiB, at 2 GB/s nine hours
    /// without a seed: something is wrong by then that should be seen.
    package static let requestsPerSeed: UInt64 = 1 << 32
    /// Ours, for a string and a seed together; the standard allows 2^32 bytes.
    package static let greatestInputByteCount = 65_536
}

/// Where the parts lie in the secret memory.
struct Layout {
    /// Key, then V.
    let state: UnsafeMutableRawBufferPointer
    /// provided_data of CTR_DRBG_Update.
    let provided: UnsafeMutableRawBufferPointer
    /// Work space of the derivation function.
    let derivation: UnsafeMutableRawBufferPointer
    /// The standard's reseed_counter: requests since the last seed, plus one. Zero in a wiped
    /// state.
    let requests: UnsafeMutablePointer<UInt64>

    init(_ bytes: UnsafeMutableRawBufferPointer) {
        state = UnsafeMutableRawBufferPointer(rebasing: bytes[0..<48])
        provided = UnsafeMutableRawBufferPointer(rebasing: bytes[48..<96])
        derivation = UnsafeMutableRawBufferPointer(rebasing: bytes[96..<160])
        requests = (bytes.baseAddress! + 160).assumingMemoryBound(to: UInt64.self)
    }

    var key: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: state[..<32]) }
    var v: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: state[32...]) }

    static let byteCount = 168
}

/// Seed material into `provided`: Block_Cipher_df of everything, or the entropy XOR the string.
private func prepareSeed(
    _ layout: Layout,
    entropy: UnsafeRawBufferPointer,
    nonce: UnsafeRawBufferPointer,
    string: UnsafeRawBufferPointer,
    derives: Bool
) throws(RandomBitGeneratorError) {
    if derives {
        guard entropy.count >= CTRDRBG.leastEntropyByteCount else {
            throw RandomBitGeneratorError(code: .seedTooShort)
        }
        try derive(layout, entropy, nonce, string)
    } else {
        guard entropy.count >= CTRDRBG.seedByteCount else {
            throw RandomBitGeneratorError(code: .seedTooShort)
        }
        guard entropy.count == CTRDRBG.seedByteCount, string.count <= CTRDRBG.seedByteCount else {
            throw RandomBitGeneratorError(code: .stringTooLong)
        }
        layout.provided.copyMemory(from: entropy)
        for index in 0..<string.count { layout.provided[index] ^= string[index] }
    }
}

/// Additional input into `provided`: Block_Cipher_df of it, or itself and zeros.
private func prepareString(
    _ layout: Layout,
    _ string: UnsafeRawBufferPointer,
    derives: Bool
) throws(RandomBitGeneratorError) {
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    if derives {
        try derive(layout, string, nothing, nothing)
    } else {
        guard string.count <= CTRDRBG.seedByteCount else {
            throw RandomBitGeneratorError(code: .stringTooLong)
        }
        layout.provided.copyMemory(from: string)
    }
}

private func derive(
    _ layout: Layout,
    _ a: UnsafeRawBufferPointer,
    _ b: UnsafeRawBufferPointer,
    _ c: UnsafeRawBufferPointer
) throws(RandomBitGeneratorError) {
    // Each count first: their sum must not overflow.
    let limit = CTRDRBG.greatestInputByteCount
    guard max(a.count, b.count, c.count) <= limit, a.count + b.count + c.count <= limit else {
        throw RandomBitGeneratorError(code: .stringTooLong)
    }
    guard
        BlockCipherDerivation.derive(
            a,
            b,
            c,
            work: layout.derivation,
            into: layout.provided
        )
    else { throw shut(layout) }
    ws_wipe_stack()
}

/// The output blocks of Generate (10.2.1.5.1 step 4), then CTR_DRBG_Update (10.2.1.2) with
/// `provided`, from one run of the cipher: both take the successive blocks E(Key, V + 1), E(Key, V
/// + 2), ... Without output it is the update alone.
private func advance(
    _ layout: Layout,
    output: UnsafeMutableRawBufferPointer
) throws(RandomBitGeneratorError) {
    incrementBigEndian(layout.v)
    let outputBlocks = (output.count + blockByteCount - 1) / blockByteCount
    let done = withKeystream(
        key: layout.key,
        counter: UnsafeRawBufferPointer(layout.v),
        byteCount: outputBlocks * blockByteCount + CTRDRBG.seedByteCount
    ) { stream in
        output.copyMemory(from: UnsafeRawBufferPointer(rebasing: stream[..<output.count]))
        let update = stream.baseAddress! + outputBlocks * blockByteCount
        for word in 0..<6 {
            let provided = layout.provided.load(fromByteOffset: 8 * word, as: UInt64.self)
            layout.state.storeBytes(
                of: update.load(fromByteOffset: 8 * word, as: UInt64.self) ^ provided,
                toByteOffset: 8 * word,
                as: UInt64.self
            )
        }
    }
    guard done else { throw shut(layout) }
    ws_wipe_stack()
}

/// Uninstantiates: an error of the cipher is catastrophic (section 11.3.6).
private func shut(_ layout: Layout) -> RandomBitGeneratorError {
    wipe(layout.state)
    wipe(layout.provided)
    layout.requests.pointee = 0
    return RandomBitGeneratorError(code: .cipherFailed)
}

/// Adds one modulo 2^128.
private func incrementBigEndian(_ v: UnsafeMutableRawBufferPointer) {
    for index in v.indices.reversed() {
        v[index] &+= 1
        if v[index] != 0 { return }
    }
}

/// AES: 128 bits.
private let blockByteCount = 16
