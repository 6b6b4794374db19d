// CTR_DRBG against OpenSSL and NIST's vectors, its limits, its wipes, its children.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Crypto
import CryptoExtras
import Foundation
import Testing

@testable import RandomBitGenerator

@Suite("CTR_DRBG")
struct CTRDRBGTests {
    @Test("known answers come out", arguments: [("ctr_drbg", 130), ("cavp", 6)])
    func knownAnswers(name: String, count: Int) throws {
        let vectors = try Vector.load(name)
        #expect(vectors.count == count)
        for (index, vector) in vectors.enumerated() {
            var drbg = try CTRDRBG(
                df: vector.df,
                entropy: bytes(hex: vector.entropy),
                nonce: bytes(hex: vector.nonce),
                personalization: bytes(hex: vector.personalization)
            )
            for step in vector.steps {
                let entropy = bytes(hex: step.entropy)
                let additional = bytes(hex: step.additional)
                var output: [UInt8] = []
                switch step.kind {
                case .reseed: try drbg.reseed(entropy, additional)
                case .generate: output = try drbg.generate(step.length, additional)
                case .fresh:
                    // SP 800-90A section 9.3.1: the additional input goes into the reseeding.
                    try drbg.reseed(entropy, additional)
                    output = try drbg.generate(step.length)
                }
                guard step.kind == .reseed || !step.output.isEmpty else { continue }
                #expect(hex(output.suffix(step.output.count / 2)) == step.output, "case \(index)")
            }
        }
    }

    @Test(
        "the counter is one big-endian number of 128 bits, and wraps as one",
        arguments: [
            "000102030405060708090a0b0c0d0e0f",
            "0000000000000000000000000000fffe",
            "000000000000000000000000fffffffe",
            "0000000000000000fffffffffffffffd",
            "00000000ffffffffffffffffffffffff",
            "fffffffffffffffffffffffffffffffe",
            "ffffffffffffffffffffffffffffffff",
        ]
    )
    func counter(v: String) throws {
        let key = SymmetricKey(data: [UInt8](repeating: 0x42, count: 32))
        var drbg = try CTRDRBG(df: false, entropy: [UInt8](repeating: 0, count: 48))
        drbg.withState { state in
            for index in 0..<32 { state[index] = 0x42 }
            for (index, byte) in bytes(hex: v).enumerated() { state[32 + index] = byte }
        }
        let output = try drbg.generate(16 * 9)
        var counter = bytes(hex: v)
        var expected: [UInt8] = []
        for _ in 0..<12 {
            for index in (0..<16).reversed() {
                counter[index] &+= 1
                if counter[index] != 0 { break }
            }
            var block = counter
            try AES.permute(&block, key: key)
            expected += block
        }
        #expect(output == Array(expected[..<144]))
        #expect(drbg.state == Array(expected[144...]))
    }

    @Test("pieces and a whole differ: each request has its own key")
    func rekeys() throws {
        var one = try CTRDRBG(df: false, entropy: NumberedSeeds.seed(1))
        var other = try CTRDRBG(df: false, entropy: NumberedSeeds.seed(1))
        let whole = try one.generate(64)
        #expect(try other.generate(32) == Array(whole[..<32]))
        #expect(try other.generate(32) != Array(whole[32...]))
    }

    @Test("a request for nothing changes the state all the same")
    func nothing() throws {
        var drbg = try CTRDRBG(df: false, entropy: NumberedSeeds.seed(1))
        let before = drbg.state
        #expect(try drbg.generate(0) == [])
        #expect(drbg.state != before)
    }

    @Test("requests above 65,536 bytes are refused and change nothing")
    func greatestRequest() throws {
        var drbg = try CTRDRBG(df: false, entropy: NumberedSeeds.seed(1))
        let before = drbg.state
        #expect(throws: RandomBitGeneratorError(code: .requestTooLong)) {
            _ = try drbg.generate(65_537)
        }
        #expect(drbg.state == before)
        #expect(try drbg.generate(65_536).count == 65_536)
    }

    @Test("after 2^32 requests only a reseed helps")
    func reseedRequired() throws {
        var drbg = try CTRDRBG(df: false, entropy: NumberedSeeds.seed(1))
        drbg.pretendAnswered(CTRDRBG.requestsPerSeed - 1)
        _ = try drbg.generate(16)
        #expect(throws: RandomBitGeneratorError(code: .reseedRequired)) {
            _ = try drbg.generate(16)
        }
        try drbg.reseed(NumberedSeeds.seed(2))
        #expect(try drbg.generate(16).count == 16)
    }

    @Test(
        "seeds and strings of the wrong size are refused",
        arguments: [
            (false, 47, 0, 0, .seedTooShort), (false, 49, 0, 0, .stringTooLong),
            (false, 48, 0, 49, .stringTooLong), (true, 31, 16, 0, .seedTooShort),
            (true, 32, 15, 0, .seedTooShort), (true, 65_536, 16, 0, .stringTooLong),
            (true, 32, 16, 65_536, .stringTooLong),
        ] as [(Bool, Int, Int, Int, RandomBitGeneratorError.Code)]
    )
    func sizes(
        df: Bool,
        entropy: Int,
        nonce: Int,
        string: Int,
        code: RandomBitGeneratorError.Code
    ) {
        func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
        #expect(throws: RandomBitGeneratorError(code: code)) {
            _ = try CTRDRBG(
                df: df,
                entropy: zeros(entropy),
                nonce: zeros(nonce),
                personalization: zeros(string)
            )
        }
    }

    @Test("a refused reseed or string changes nothing")
    func refusedInput() throws {
        var drbg = try CTRDRBG(df: false, entropy: NumberedSeeds.seed(1))
        let before = drbg.state
        #expect(throws: RandomBitGeneratorError(code: .seedTooShort)) { try drbg.reseed([1]) }
        #expect(throws: RandomBitGeneratorError(code: .stringTooLong)) {
            _ = try drbg.generate(16, [UInt8](repeating: 0, count: 49))
        }
        #expect(drbg.state == before)
    }

    @Test("another process, as the process id tells, is refused")
    func otherProcess() throws {
        var drbg = try CTRDRBG(
            df: false,
            entropy: NumberedSeeds.seed(1),
            guardian: ForkGuard(comparing: 1)
        )
        #expect(throws: RandomBitGeneratorError(code: .otherProcess)) { _ = try drbg.generate(16) }
        #expect(throws: RandomBitGeneratorError(code: .otherProcess)) {
            try drbg.reseed(NumberedSeeds.seed(1))
        }
    }

    @Test("a forked child is refused, its parent goes on")
    func forked() async {
        await #expect(processExitsWith: .exitCode(21)) {
            var drbg = try CTRDRBG(df: false, entropy: NumberedSeeds.seed(1))
            _ = try drbg.generate(16)
            let child = fork()
            var code: Int32 = 1
            do {
                _ = try drbg.generate(16)
            } catch let error as RandomBitGeneratorError
                where error.code == .otherProcess
            {
                code = 20
            }
            if child == 0 { _exit(code) }
            var status: Int32 = 0
            waitpid(child, &status, 0)
            // 20 from the child, and 1 because the parent was not refused.
            exit((status >> 8) + code)
        }
    }

    @Test("what deeper calls left on the stack is wiped", arguments: [false, true])
    func stack(wipes: Bool) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { copy.deallocate() }
        leave(0x5ac3_96e1_0f78_d24b)
        if wipes { ws_wipe_stack() }
        copyStackBelow(to: copy)
        let isLeft = copy.bindMemory(to: UInt64.self).contains(0x5ac3_96e1_0f78_d24b)
        #expect(isLeft == !wipes)
    }

    /// Fills a kilobyte of its own frame, as a cipher does with its key schedule.
    @inline(never)
    private func leave(_ word: UInt64) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 128) {
            $0.initialize(repeating: word)
        }
    }

    @Test("no word of the key stays behind on the stack")
    func stackAfterGenerate() throws {
        var drbg = try CTRDRBG(df: false, entropy: NumberedSeeds.seed(1))
        let key = drbg.withState { Array($0[..<32]) }
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 16)
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer {
            output.deallocate()
            copy.deallocate()
        }
        try drbg.generate(into: output)
        copyStackBelow(to: copy)
        let words = Set(copy.bindMemory(to: UInt32.self))
        let leaked = key.withUnsafeBytes { key in
            (0..<8).filter { words.contains(key.load(fromByteOffset: 4 * $0, as: UInt32.self)) }
        }
        // By chance: 8 words among 16,384, 2^-15; but the seed, hence the key, is fixed.
        #expect(leaked.isEmpty)
    }

    /// The stack below, which deeper calls used, before more calls cover it.
    @inline(never)
    private func copyStackBelow(to copy: UnsafeMutableRawBufferPointer) {
        // Eight bytes, for their alignment.
        var here: UInt64 = 0
        withUnsafeMutableBytes(of: &here) { here in
            copy.baseAddress!.copyMemory(
                from: here.baseAddress! - copy.count,
                byteCount: copy.count
            )
        }
    }

    @Test("errors are sentences with a hint, and hold no bytes")
    func errors() {
        let codes: [RandomBitGeneratorError.Code] = [
            .seedTooShort, .stringTooLong, .requestTooLong, .reseedRequired, .otherProcess,
            .noSeed, .selfTestFailed, .cipherFailed,
        ]
        let texts = codes.map { RandomBitGeneratorError(code: $0).description }
        #expect(Set(texts).count == codes.count)
        for text in texts { #expect(text.contains(". ") && text.hasSuffix(".")) }
    }
}
