// The stream: one sequence of bytes however it is taken, reseeded in time, wiped behind.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import RandomBitGenerator

@Suite("DRBG stream")
struct DRBGStreamTests {
    private let chunk = DRBGStream.requestByteCount

    @Test("small takes hand out the requests of the generator byte by byte")
    func small() throws {
        var seeds = NumberedSeeds()
        var stream = try makeStream(&seeds)
        var reference = try CTRDRBG(df: false, entropy: NumberedSeeds.seed(1))
        let expected = try reference.generate(chunk) + reference.generate(chunk)
        var taken: [UInt8] = []
        var size = 1
        while taken.count + size <= expected.count {
            taken += try take(size, &stream, &seeds)
            size = size % 97 + 1
        }
        #expect(taken == Array(expected[..<taken.count]))
    }

    @Test("takes of any size never repeat bytes and leave none unfilled")
    func sizes() throws {
        var seeds = NumberedSeeds()
        var stream = try makeStream(&seeds)
        var words: Set<[UInt8]> = []
        var count = 0
        for size in [0, 16, chunk - 16, chunk, 16, chunk + 16, 3 * chunk, 100_000 / 16 * 16, 16] {
            let bytes = try take(size, &stream, &seeds)
            for start in stride(from: 0, to: bytes.count, by: 16) {
                words.insert(Array(bytes[start..<(start + 16)]))
                count += 1
            }
        }
        // A repeated or empty block of 128 bits by chance: below 2^-100.
        #expect(words.count == count)
        #expect(!words.contains([UInt8](repeating: 0, count: 16)))
        #expect(stream.facts.bytesDelivered == UInt64(16 * count))
    }

    @Test("what was handed out is wiped from the buffer")
    func wiped() throws {
        var seeds = NumberedSeeds()
        var stream = try makeStream(&seeds)
        _ = try take(1000, &stream, &seeds)
        stream.withBuffer { buffer in
            #expect(buffer.load(as: Int.self) == chunk - 1000)
            #expect(buffer[8..<1008].allSatisfy { $0 == 0 })
            // 100 zero bytes by chance: 2^-800.
            #expect(!buffer[1008..<1108].allSatisfy { $0 == 0 })
        }
        _ = try take(chunk - 1000, &stream, &seeds)
        #expect(stream.withBuffer { $0.allSatisfy { $0 == 0 } })
    }

    @Test("it reseeds by amount, inside a long take too")
    func byAmount() throws {
        var seeds = NumberedSeeds()
        let amount = UInt64(2 * chunk)
        var stream = try makeStream(
            &seeds,
            DRBGStream.ReseedPolicy(byteCount: amount, age: .seconds(3600))
        )
        let bytes = try take(5 * chunk, &stream, &seeds)
        #expect(stream.facts.reseeds == 2)
        var reference = try CTRDRBG(df: false, entropy: NumberedSeeds.seed(1))
        var expected = try reference.generate(chunk) + reference.generate(chunk)
        try reference.reseed(NumberedSeeds.seed(2))
        expected += try reference.generate(chunk) + reference.generate(chunk)
        try reference.reseed(NumberedSeeds.seed(3))
        expected += try reference.generate(chunk)
        #expect(bytes == expected)
    }

    @Test("it reseeds by age, and hands out nothing made under the old seed")
    func byAge() throws {
        var seeds = NumberedSeeds()
        var stream = try makeStream(&seeds)
        _ = try take(10, &stream, &seeds, now: .seconds(59))
        #expect(stream.facts.reseeds == 0)
        let bytes = try take(10, &stream, &seeds, now: .seconds(60))
        #expect(stream.facts.reseeds == 1)
        #expect(stream.facts.lastSeed == .seconds(60))
        var reference = try CTRDRBG(df: false, entropy: NumberedSeeds.seed(1))
        _ = try reference.generate(chunk)
        try reference.reseed(NumberedSeeds.seed(2))
        #expect(try Array(reference.generate(chunk)[..<10]) == bytes)
        _ = try take(10, &stream, &seeds, now: .seconds(119))
        #expect(stream.facts.reseeds == 1)
    }

    @Test("without seeds it goes on, says so, and asks again only after a while")
    func missed() throws {
        var seeds = NumberedSeeds(left: 1)
        var stream = try makeStream(&seeds)
        for _ in 0..<5 { _ = try take(16, &stream, &seeds, now: .seconds(60)) }
        #expect(stream.facts.missedReseeds == 1)
        #expect(seeds.asked == 2)
        #expect(stream.isSeedDue(now: .seconds(60)) == true)
        seeds.left = 1
        _ = try take(16, &stream, &seeds, now: .seconds(61))
        #expect(stream.facts.reseeds == 1)
        #expect(stream.isSeedDue(now: .seconds(61)) == false)
    }

    @Test("without a first seed there is no stream")
    func noSeed() {
        var seeds = NumberedSeeds(left: 0)
        #expect(throws: RandomBitGeneratorError(code: .noSeed)) { _ = try makeStream(&seeds) }
    }

    @Test("the personalization tells streams apart")
    func personalization() throws {
        var seeds = NumberedSeeds()
        var one = try makeStream(&seeds)
        seeds.given = 0
        var other = try makeStream(&seeds, name: "other")
        #expect(try take(32, &one, &seeds) != take(32, &other, &seeds))
    }

    @Test("a forked child is refused although bytes were ready, and its output wiped")
    func forked() async {
        await #expect(processExitsWith: .exitCode(21)) {
            var seeds = NumberedSeeds()
            var stream = try DRBGStream(
                personalization: UnsafeRawBufferPointer(start: nil, count: 0),
                now: .zero,
                from: &seeds
            )
            let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 16)
            try stream.take(into: output, now: .zero, from: &seeds)
            let child = fork()
            var code: Int32 = 1
            do {
                try stream.take(into: output, now: .zero, from: &seeds)
            } catch let error as RandomBitGeneratorError
                where error.code == .otherProcess
            {
                code = output.allSatisfy { $0 == 0 } ? 20 : 2
            }
            if child == 0 { _exit(code) }
            var status: Int32 = 0
            waitpid(child, &status, 0)
            exit((status >> 8) + code)
        }
    }

    private func makeStream(
        _ seeds: inout NumberedSeeds,
        _ policy: DRBGStream.ReseedPolicy = .init(),
        name: String = ""
    ) throws -> DRBGStream {
        let name = Owned(Array(name.utf8))
        defer { withExtendedLifetime(name) {} }
        return try DRBGStream(
            personalization: name.bytes,
            policy: policy,
            now: .zero,
            from: &seeds
        )
    }

    private func take(
        _ count: Int,
        _ stream: inout DRBGStream,
        _ seeds: inout NumberedSeeds,
        now: Duration = .zero
    ) throws -> [UInt8] {
        var output = [UInt8](repeating: 0, count: count)
        try output.withUnsafeMutableBytes { try stream.take(into: $0, now: now, from: &seeds) }
        return output
    }
}
