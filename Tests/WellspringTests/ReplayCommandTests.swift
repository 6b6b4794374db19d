// `wellspring replay`: the acceptance case of the health chain, and files that are no recordings.
// SPDX-License-Identifier: Apache-2.0

import Testing

extension EndToEnd {
    @Suite struct ReplayCommandTests {
        /// Clock deltas without entropy, which must be refused.
        struct Recording: CustomTestStringConvertible, Sendable {
            let testDescription: String
            let sample: @Sendable (Int) -> UInt64

            init(_ name: String, _ sample: @escaping @Sendable (Int) -> UInt64) {
                testDescription = name
                self.sample = sample
            }

            var samples: [UInt64] { (0..<Self.count).map(sample) }

            /// Two of the longest windows and the start-up test; well below a second to examine.
            static let count = 16_384
        }

        /// Values that no test could mistake for a progression.
        private static let table: [UInt64] = [131, 7, 94, 201, 33, 178, 58, 240]

        private static let refused: [Recording] =
            [
                Recording("constant") { _ in 77 },
                Recording("fixed stride") { UInt64($0) * 1000 },
                Recording("alternating") { UInt64($0 % 2) * 40 + 11 },
                Recording("counter") { UInt64($0) },
                Recording("95 % zero") { index in
                    let random = mixed(UInt64(index))
                    return random % 100 < 95 ? 0 : random >> 32 & 0xFF
                },
            ] + (2...8).map { period in Recording("period \(period)") { table[$0 % period] } }

        @Test(
            "recordings without entropy are refused, in every format, with the failing test named",
            arguments: refused,
            ["jitter", "havege", "sleep", "timing"]
        )
        func refuses(recording: Recording, source: String) throws {
            let place = Workplace()
            let samples = recording.samples
            let files: [(options: [String], bytes: [UInt8])] = [
                ([], samples.map { UInt8(truncatingIfNeeded: $0) }),
                (["--sample-bytes", "8"], samples.flatMap { littleEndian($0) }),
                (["--text"], Array(samples.map { "\($0)\n" }.joined().utf8)),
            ]
            for file in files {
                writeFile(place.file("recording"), file.bytes)
                let outcome = try place.run(
                    ["replay", source, place.file("recording")] + file.options
                )
                #expect(outcome.status == 2, "\(file.options)")
                #expect(outcome.text.contains("\(samples.count) samples as \(source)"))
                let verdict = outcome.text.split(separator: "\n").first {
                    $0.hasPrefix("REFUSED: ")
                }
                let named = try #require(verdict, "\(outcome.text)")
                let names = [
                    "repetition count test", "adaptive proportion test", "lag predictor test",
                    "stuck test", "clock test",
                ]
                #expect(names.contains { named.contains("failure of the \($0) at sample") })
            }
        }

        @Test("good noise is accepted", arguments: ["jitter", "havege", "sleep", "timing"])
        func acceptsNoise(source: String) throws {
            // A fixed sequence: passes always or never.
            let place = Workplace()
            let noise = (0..<100_000).map { UInt8(truncatingIfNeeded: mixed(UInt64($0)) >> 32) }
            writeFile(place.file("noise"), noise)
            let outcome = try place.run(["replay", source, place.file("noise")])
            #expect(outcome.status == 0, "\(outcome.text)")
            #expect(outcome.text.contains("healthy: no test failed"))
        }

        @Test("a capture of this machine's own noise is accepted")
        func acceptsCapture() throws {
            let place = Workplace()
            let capture = ["capture", "jitter", "-n", "100000", "-o", place.file("real")]
            #expect(try place.run(capture).status == 0)
            let outcome = try place.run(["replay", "jitter", place.file("real")])
            #expect(outcome.status == 0, "\(outcome.text)")
            #expect(outcome.text.contains("100000 samples as jitter"))
        }

        @Test("a recording shorter than the start-up test says how much is missing")
        func tooShort() throws {
            let place = Workplace()
            for count in [0, 1, 1023] {
                writeFile(
                    place.file("short"),
                    (0..<count).map { UInt8(truncatingIfNeeded: mixed(UInt64($0)) >> 32) }
                )
                let outcome = try place.run(["replay", "jitter", place.file("short")])
                #expect(outcome.status == 74)
                #expect(outcome.errors.contains("holds \(count) samples"))
                #expect(outcome.errors.contains("1024"))
            }
        }

        @Test("what is no recording is named with the reason")
        func noRecording() throws {
            let place = Workplace()
            let odd = [UInt8](repeating: 5, count: 20_003)
            writeFile(place.file("odd"), odd)
            writeFile(place.file("garbage"), Array("12 13 fourteen 15".utf8))
            writeFile(place.file("binary"), [UInt8](repeating: 200, count: 20_000))
            writeFile(place.file("long"), [UInt8](repeating: UInt8(ascii: "7"), count: 10_000))
            writeFile(place.file("big"), Array("18446744073709551616".utf8))
            writeFile(place.file("negative"), Array("1 -1".utf8))
            for (arguments, words) in [
                ([place.path], "directory"), ([place.file("missing")], "No such file"),
                ([place.file("odd"), "--sample-bytes", "8"], "ends in the middle of a sample"),
                ([place.file("garbage"), "--text"], "\"fourteen\" is no unsigned decimal number"),
                ([place.file("binary"), "--text"], "is no"),
                ([place.file("long"), "--text"], "no"),
                ([place.file("big"), "--text"], "is no unsigned decimal number"),
                ([place.file("negative"), "--text"], "\"-1\" is no unsigned decimal number"),
            ] {
                let outcome = try place.run(["replay", "jitter"] + arguments)
                #expect(outcome.status == 74, "\(arguments)")
                #expect(outcome.errors.hasPrefix("wellspring: "))
                #expect(outcome.errors.contains(words), "\(arguments) \(outcome.errors)")
                #expect(outcome.errors.contains(arguments[0]))
            }
        }

        @Test("a recording can come through a pipe")
        func standardInput() throws {
            let place = Workplace()
            writeFile(place.file("constant"), [UInt8](repeating: 9, count: 4096))
            let process = try place.start(
                ["replay", "symbols", "-"],
                input: .file(place.file("constant"))
            )
            #expect(process.finish() == 2)
            #expect(String(decoding: process.output, as: UTF8.self).contains("REFUSED"))
        }
    }
}

private func littleEndian(_ value: UInt64) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// SplitMix64's output function (Steele, Lea, Flood 2014): a fixed sequence that looks like noise.
func mixed(_ index: UInt64) -> UInt64 {
    var z = (index &+ 1) &* 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
}
