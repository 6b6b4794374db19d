// SHA-512 against hashlib and the examples of FIPS 180.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Conditioning

@Suite("SHA-512")
struct SHA512Tests {
    static let vectors: Vectors = {
        let url = Bundle.module.url(
            forResource: "sha512",
            withExtension: "json",
            subdirectory: "Vectors"
        )
        return try! JSONDecoder().decode(Vectors.self, from: Data(contentsOf: url!))
    }()

    struct Vectors: Decodable {
        struct Known: Decodable { var message: String, digest: String }
        struct Length: Decodable { var length: Int, digest: String }
        struct MonteCarlo: Decodable { var seed: String, checkpoints: [String] }
        var known: [Known]
        var millionA: String
        var lengths: [Length]
        var monteCarlo: MonteCarlo
    }

    @Test("the examples of FIPS 180 come out")
    func examples() {
        #expect(SHA512Tests.vectors.known.count == 3)
        for vector in SHA512Tests.vectors.known {
            #expect(hex(digest(Array(vector.message.utf8))) == vector.digest)
        }
        #expect(
            hex(digest([UInt8](repeating: 0x61, count: 1_000_000))) == SHA512Tests.vectors.millionA
        )
    }

    @Test("messages of every length around the block borders come out")
    func lengths() {
        #expect(SHA512Tests.vectors.lengths.count > 100)
        for vector in SHA512Tests.vectors.lengths {
            #expect(
                hex(digest(message(vector.length))) == vector.digest,
                "length \(vector.length)"
            )
        }
    }

    @Test("the Monte Carlo chain of SHAVS section 6.4 comes out")
    func monteCarlo() {
        let monteCarlo = SHA512Tests.vectors.monteCarlo
        #expect(monteCarlo.checkpoints.count == 10)
        var hash = SHA512()
        // The last three digests, then the next one.
        var window = [UInt8](repeating: 0, count: 256)
        var seed = bytes(hex: monteCarlo.seed)
        for checkpoint in monteCarlo.checkpoints {
            for place in 0..<3 {
                window.replaceSubrange((64 * place)..<(64 * place + 64), with: seed)
            }
            for _ in 0..<1000 {
                window.withUnsafeMutableBytes { window in
                    hash.update(UnsafeRawBufferPointer(rebasing: window[..<192]))
                    hash.finalize(into: UnsafeMutableRawBufferPointer(rebasing: window[192...]))
                    window.baseAddress!.copyMemory(
                        from: window.baseAddress! + 64,
                        byteCount: 192
                    )
                }
            }
            seed = Array(window[128..<192])
            #expect(hex(seed) == checkpoint)
        }
    }

    @Test("pieces of any size give what one piece gives")
    func pieces() {
        var random = SplitMix(state: 1)
        let input = message(4096)
        let expected = SHA512Tests.vectors.lengths.first { $0.length == 4096 }!.digest
        for _ in 0..<50 {
            var hash = SHA512()
            var next = 0
            while next < input.count {
                let piece = min(input.count - next, Int.random(in: 0...300, using: &random))
                input.withUnsafeBytes {
                    hash.update(UnsafeRawBufferPointer(rebasing: $0[next..<(next + piece)]))
                }
                next += piece
            }
            #expect(hex(finish(&hash)) == expected)
        }
    }

    @Test("samples are hashed as one masked byte each")
    func samples() {
        var random = SplitMix(state: 2)
        for count in [0, 1, 127, 128, 129, 1000] {
            let samples = random.samples(count)
            var hash = SHA512()
            let prefix = [UInt8](repeating: 7, count: count % 130)
            prefix.withUnsafeBytes { hash.update($0) }
            samples.withUnsafeBufferPointer { hash.update(samples: $0, mask: 0x1f) }
            #expect(finish(&hash) == digest(prefix + samples.map { UInt8($0 & 0x1f) }))
        }
    }

    @Test("finishing wipes the computation and starts a new one")
    func wiped() {
        var hash = SHA512()
        let fresh = hash.withState { Array($0) }
        message(200).withUnsafeBytes { hash.update($0) }
        #expect(hash.withState { Array($0) } != fresh)
        _ = finish(&hash)
        #expect(hash.withState { Array($0) } == fresh)
        #expect(hash.withState { $0[64...].allSatisfy { $0 == 0 } })
        #expect(hex(finish(&hash)) == SHA512Tests.vectors.known[0].digest)
    }

    @Test("a copied computation goes on by itself")
    func copied() {
        var one = SHA512()
        message(150).withUnsafeBytes { one.update($0) }
        var other = SHA512()
        other.copyState(of: one)
        [UInt8]("x".utf8).withUnsafeBytes { other.update($0) }
        #expect(finish(&other) == digest(message(150) + Array("x".utf8)))
        #expect(finish(&one) == digest(message(150)))
    }

    private func message(_ length: Int) -> [UInt8] {
        (0..<length).map { UInt8((131 * $0 + length) % 251) }
    }

    private func digest(_ input: [UInt8]) -> [UInt8] {
        var hash = SHA512()
        input.withUnsafeBytes { hash.update($0) }
        return finish(&hash)
    }

    private func finish(_ hash: inout SHA512) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 64)
        digest.withUnsafeMutableBytes { hash.finalize(into: $0) }
        return digest
    }
}
