// The generator's health test (SP 800-90A Rev. 1 section 11.3): known answers and refusals.
// SPDX-License-Identifier: Apache-2.0

/// Tests instantiate, reseed and generate in both forms against known answers, and that what must
/// be refused is refused. Runs before the first instantiation of a process, and on demand.
package enum CTRDRBGSelfTest {
    /// Runs all of it, in well under a millisecond. Throws `selfTestFailed`.
    package static func run() throws(RandomBitGeneratorError) { try run(answers) }

    /// The first result stays: a generator that failed is not tried again.
    static func once() throws(RandomBitGeneratorError) { try firstResult.get() }

    static func run(_ answers: [KnownAnswer]) throws(RandomBitGeneratorError) {
        for answer in answers {
            guard (try? isRight(answer)) == true else {
                throw RandomBitGeneratorError(code: .selfTestFailed)
            }
        }
        guard (try? refusesWhatItMust()) == true else {
            throw RandomBitGeneratorError(code: .selfTestFailed)
        }
    }

    /// Instantiate, generate 64 bytes, reseed (if there is a reseed), generate 64 bytes: the last
    /// are compared.
    struct KnownAnswer {
        var derives: Bool
        var entropy: [UInt8]
        var nonce: [UInt8]
        var reseed: [UInt8]
        var reseedsFirst: Bool
        var output: [UInt8]
    }

    private static func isRight(_ answer: KnownAnswer) throws(RandomBitGeneratorError) -> Bool {
        var drbg = try instantiate(answer.entropy, answer.nonce, derives: answer.derives)
        if answer.reseedsFirst { try reseed(&drbg, answer.reseed) }
        _ = try generate(&drbg, answer.output.count)
        if !answer.reseedsFirst, !answer.reseed.isEmpty { try reseed(&drbg, answer.reseed) }
        return try generate(&drbg, answer.output.count) == answer.output
    }

    /// Section 11.3.2 to 11.3.4: error handling.
    private static func refusesWhatItMust() throws(RandomBitGeneratorError) -> Bool {
        let seed = [UInt8](repeating: 1, count: CTRDRBG.seedByteCount)
        guard
            refusal({ () throws(RandomBitGeneratorError) in
                _ = try instantiate(Array(seed[1...]), [], derives: false)
            }) == .seedTooShort,
            refusal({ () throws(RandomBitGeneratorError) in
                _ = try instantiate(Array(seed[..<31]), seed, derives: true)
            }) == .seedTooShort
        else { return false }
        var drbg = try instantiate(seed, [], derives: false)
        guard
            refusal({ () throws(RandomBitGeneratorError) in
                try reseed(&drbg, Array(seed[1...]))
            }) == .seedTooShort,
            refusal({ () throws(RandomBitGeneratorError) in
                // Never touched: the length alone is refused.
                try drbg.generate(
                    into: UnsafeMutableRawBufferPointer(
                        start: UnsafeMutableRawPointer(bitPattern: 4096),
                        count: CTRDRBG.greatestRequestByteCount + 1
                    )
                )
            }) == .requestTooLong
        else { return false }
        drbg.pretendAnswered(CTRDRBG.requestsPerSeed - 1)
        _ = try generate(&drbg, 1)
        return refusal { () throws(RandomBitGeneratorError) in _ = try generate(&drbg, 1) }
            == .reseedRequired
    }

    private static func instantiate(
        _ entropy: [UInt8],
        _ nonce: [UInt8],
        derives: Bool
    ) throws(RandomBitGeneratorError) -> CTRDRBG {
        // Through an optional: arrays cannot give a noncopyable result.
        var drbg: CTRDRBG?
        try entropy.withUnsafeBufferPointer { (entropy) throws(RandomBitGeneratorError) in
            try nonce.withUnsafeBufferPointer { (nonce) throws(RandomBitGeneratorError) in
                drbg = try CTRDRBG(
                    untested: UnsafeRawBufferPointer(entropy),
                    nonce: UnsafeRawBufferPointer(nonce),
                    personalization: UnsafeRawBufferPointer(start: nil, count: 0),
                    derives: derives
                )
            }
        }
        return drbg.take()!
    }

    private static func reseed(
        _ drbg: inout CTRDRBG,
        _ entropy: [UInt8]
    ) throws(RandomBitGeneratorError) {
        try entropy.withUnsafeBufferPointer { (bytes) throws(RandomBitGeneratorError) in
            try drbg.reseed(entropy: UnsafeRawBufferPointer(bytes))
        }
    }

    private static func generate(
        _ drbg: inout CTRDRBG,
        _ count: Int
    ) throws(RandomBitGeneratorError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: count)
        try output.withUnsafeMutableBufferPointer { (bytes) throws(RandomBitGeneratorError) in
            try drbg.generate(into: UnsafeMutableRawBufferPointer(bytes))
        }
        return output
    }

    private static func refusal(
        _ body: () throws(RandomBitGeneratorError) -> Void
    ) -> RandomBitGeneratorError.Code? {
        do throws(RandomBitGeneratorError) {
            try body()
            return nil
        } catch {
            return error.code
        }
    }

    private static let firstResult: Result<Void, RandomBitGeneratorError> = {
        do throws(RandomBitGeneratorError) {
            try run()
            return .success(())
        } catch {
            return .failure(error)
        }
    }()

    /// From NIST's CAVP response files (CTR_DRBG.rsp), AES-256, no prediction resistance, no
    /// strings.
    static let answers = [
        // [AES-256 no df], with reseeding, COUNT = 0.
        KnownAnswer(
            derives: false,
            entropy: bytes(
                0xe4bc_23c5_089a_19d8,
                0x6f41_19cb_3fa0_8c0a,
                0x4991_e0a1_def1_7e10,
                0x1e4c_14d9_c323_460a,
                0x7c2f_b58e_0b08_6c6c,
                0x57b5_5f56_cae2_5bad
            ),
            nonce: [],
            reseed: bytes(
                0xfd85_a836_bba8_5019,
                0x881e_8c6b_ad23_c906,
                0x1adc_7547_7659_acae,
                0xa8e4_a01d_fe07_a183,
                0x2dad_1c13_6f59_d70f,
                0x8653_a5dc_1186_63d6
            ),
            reseedsFirst: true,
            output: bytes(
                0xb2cb_8905_c05e_5950,
                0xca31_8950_96be_29ea,
                0x3d5a_3b82_b269_4955,
                0x54eb_80fe_07de_43e1,
                0x93b9_e7c3_ece7_3b80,
                0xe062_b1c1_f682_02fb,
                0xb1c5_2a04_0ea2_4788,
                0x6429_5282_234a_aada
            )
        ),
        // [AES-256 use df], with reseeding, COUNT = 0, of which the outputs are 16 bytes.
        KnownAnswer(
            derives: true,
            entropy: bytes(
                0x5a19_4d5e_2b31_5814,
                0x54de_f675_fb79_58fe,
                0xc7db_873e_5689_fc9d,
                0x0321_7c68_d803_3820
            ),
            nonce: bytes(0x1b54_b8ff_0642_bff5, 0x21f1_5c1c_0b66_5f3f),
            reseed: bytes(
                0xf9e6_5e04_d856_f3a9,
                0xc44a_4cbd_c1d0_0846,
                0xf598_3d77_1c1b_137e,
                0x4e0f_9d8e_f409_f92e
            ),
            reseedsFirst: false,
            output: bytes(0xa054_303d_8a7e_a988, 0x9d90_3e07_7c6f_218f)
        ),
        // [AES-256 use df], without reseeding, COUNT = 0.
        KnownAnswer(
            derives: true,
            entropy: bytes(
                0x3640_1940_fa8b_1fba,
                0x91a1_661f_211d_78a0,
                0xb938_9a74_e5bc_cfec,
                0xe8d7_66af_1a6d_3b14
            ),
            nonce: bytes(0x496f_25b0_f130_1b4f, 0x501b_e303_80a1_37eb),
            reseed: [],
            reseedsFirst: false,
            output: bytes(
                0x5862_eb38_bd55_8dd9,
                0x78a6_96e6_df16_4782,
                0xddd8_87e7_e9a6_c9f3,
                0xf1fb_afb7_8941_b535,
                0xa649_12df_d224_c6dc,
                0x7454_e525_0b3d_9716,
                0x5e16_260c_2faf_1cc7,
                0x735c_b75f_b4f0_7e1d
            )
        ),
    ]

    private static func bytes(_ words: UInt64...) -> [UInt8] {
        words.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
    }
}
