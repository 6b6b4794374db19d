// `wellspring read`: exact sizes, with and without a daemon, and readers that go away.
// SPDX-License-Identifier: Apache-2.0

import Daemon
import Glibc
import Testing

extension EndToEnd {
    @Suite struct ReadCommandTests {
        private static let sizes = [0, 1, 255, 256, 100_000]

        @Test(
            "standalone, exactly as many bytes as asked come",
            arguments: ["full-entropy", "drbg"]
        )
        func standalone(quality: String) throws {
            let place = Workplace()
            for size in Self.sizes {
                let arguments = ["read", "\(size)", "--quality", quality, "--source", "jitter"]
                let outcome = try place.run(arguments + ["--standalone"])
                #expect(outcome.status == 0, "\(size): \(outcome.errors)")
                #expect(outcome.bytes.count == size)
                if size == 100_000 { expectNoise(outcome.bytes) }
            }
        }

        @Test("two reads differ", arguments: ["full-entropy", "drbg"])
        func differ(quality: String) throws {
            let arguments = ["read", "64", "--quality", quality, "--standalone"]
            let first = try Workplace().run(arguments)
            let second = try Workplace().run(arguments)
            #expect(first.bytes.count == 64)
            // False alarm: 2^-512.
            #expect(first.bytes != second.bytes)
        }

        @Test("a daemon gives exactly as many bytes, and counts them")
        func throughDaemon() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            for quality in ["full-entropy", "drbg"] {
                var all: [UInt8] = []
                for size in Self.sizes {
                    let outcome = try daemon.place.run(["read", "\(size)", "--quality", quality])
                    #expect(outcome.status == 0, "\(size): \(outcome.errors)")
                    #expect(outcome.bytes.count == size)
                    all += outcome.bytes
                }
                expectNoise(all)
            }
            let delivered = try daemon.status().listeners.first { $0.name == "egd" }?.deliveredBytes
            // All of the first quality, and five seeds of 48 bytes.
            #expect(delivered == UInt64(Self.sizes.reduce(0, +) + 5 * 48))
            let named = try daemon.place.run(["read", "16", "--socket", daemon.entropy])
            #expect(named.bytes.count == 16)
        }

        @Test("without a daemon the machine's own sources are used, but not behind a named socket")
        func noDaemon() throws {
            let place = Workplace()
            let own = try place.run(["read", "16"])
            #expect(own.status == 0)
            #expect(own.bytes.count == 16)
            let named = try place.run(["read", "16", "--socket", place.file("egd.sock")])
            #expect(named.status == 69)
            #expect(named.errors.contains(place.file("egd.sock")))
            #expect(named.bytes.isEmpty)
        }

        @Test("no source that earns credit is an error, not a wait")
        func noCredit() throws {
            let outcome = try Workplace().run([
                "read", "16", "--standalone", "--source", "kernel",
            ])
            #expect(outcome.status == 74 || outcome.status == 69)
            #expect(outcome.errors.contains("no source of this machine earns credit"))
        }

        @Test("a reader that goes away ends it quietly", arguments: ["full-entropy", "drbg"])
        func readerGone(quality: String) throws {
            let place = Workplace()
            let process = try place.start(["read", "--endless", "-q", quality, "--standalone"])
            try #require(process.pump { process.output.count >= 1000 })
            process.closeOutput()
            #expect(process.finish() == 0)
            #expect(process.errors.isEmpty)
        }

        @Test("--endless feeds a pipeline for as long as it lasts")
        func pipeline() throws {
            let place = Workplace()
            let command =
                "\(try program("wellspring")) read --endless --standalone | head -c 300000"
            let shell = try ChildProcess(
                ["bash", "-o", "pipefail", "-c", command],
                environment: place.environment
            )
            #expect(shell.finish() == 0)
            #expect(shell.output.count == 300_000)
            #expect(shell.errors.isEmpty)
        }

        @Test(
            "SIGINT and SIGTERM end it at once, also while it waits",
            arguments: [SIGINT, SIGTERM]
        )
        func interrupted(number: Int32) throws {
            let place = Workplace()
            let endless = try place.start([
                "read", "--endless", "--standalone", "-o", place.file("bytes"),
            ])
            try #require(waitUntil { place.contents.contains { $0.contains(".part") } })
            endless.signal(number)
            #expect(endless.finish() == 128 + number)
            #expect(place.contents.isEmpty)
            let daemon = RunningDaemon.withoutEntropy()
            try daemon.startAndWait()
            let waiting = try daemon.place.start(["read", "16"])
            try daemon.waitForStatus { $0.listeners[0].waitingClients == 1 }
            waiting.signal(number)
            #expect(waiting.finish(limit: .seconds(5)) == 128 + number)
        }

        @Test("a full disk is an error that names the file")
        func fullDisk() throws {
            let place = Workplace()
            let named = try place.run(["read", "100000", "--standalone", "-o", "/dev/full"])
            #expect(named.status == 74)
            #expect(named.errors.contains("/dev/full: No space left on device"))
            let standard = try place.run(
                ["read", "100000", "--standalone"],
                output: .file("/dev/full")
            )
            #expect(standard.status == 74)
            #expect(standard.errors.contains("standard output: No space left on device"))
        }

        @Test("a file appears whole, readable by its owner alone")
        func file() throws {
            let place = Workplace()
            let outcome = try place.run(["read", "10kB", "--standalone", "-o", place.file("bytes")])
            #expect(outcome.status == 0)
            var facts = stat()
            #expect(stat(place.file("bytes"), &facts) == 0)
            #expect(facts.st_size == 10_000)
            #expect(facts.st_mode & 0o7777 == 0o600)
            #expect(place.contents == ["bytes"])
        }

        /// No byte value is much too frequent or rare: for n bytes within 10 standard deviations of
        /// n / 256. False alarm: below 256 x 2^-70.
        private func expectNoise(_ bytes: [UInt8]) {
            var counts = [Int](repeating: 0, count: 256)
            for byte in bytes { counts[Int(byte)] += 1 }
            let expected = Double(bytes.count) / 256
            #expect(counts.allSatisfy { abs(Double($0) - expected) < 10 * expected.squareRoot() })
        }
    }
}
