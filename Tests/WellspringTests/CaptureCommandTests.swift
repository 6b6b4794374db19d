// `wellspring capture`: what it writes, and that it leaves nothing half done.
// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import Glibc
import Testing

extension EndToEnd {
    @Suite struct CaptureCommandTests {
        private struct Sidecar: Decodable {
            let format: String
            let source: String
            let samples: Int
            let bytesPerSample: Int
            let sampleBits: Int
            let sha256: String
            let settings: [String: String]
        }

        private func sidecar(_ path: String) throws -> Sidecar {
            try JSONDecoder().decode(Sidecar.self, from: Data(bytesOfFile(path)))
        }

        private func mode(_ path: String) -> mode_t {
            var facts = stat()
            return stat(path, &facts) == 0 ? facts.st_mode & 0o7777 : 0
        }

        @Test(
            "samples, sidecar, digest and mode are right",
            arguments: ["jitter", "havege", "sleep", "kernel"]
        )
        func captures(source: String) throws {
            let place = Workplace()
            let path = place.file("samples")
            let count = source == "sleep" ? 300 : 5000
            let outcome = try place.run(["capture", source, "-n", "\(count)", "-o", path])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let bytes = bytesOfFile(path)
            #expect(bytes.count == count)
            let sidecar = try sidecar(path + ".json")
            #expect(sidecar.format == "wellspring-capture-1")
            #expect(sidecar.source == source)
            #expect(sidecar.samples == count)
            #expect(sidecar.bytesPerSample == 1)
            #expect((1...8).contains(sidecar.sampleBits))
            #expect(sidecar.sha256 == digest(bytes))
            #expect(outcome.errors.contains(sidecar.sha256))
            #expect(mode(path) == 0o600)
            #expect(mode(path + ".json") == 0o600)
            #expect(place.contents == ["samples", "samples.json"])
        }

        @Test("an earlier recording of that name is replaced whole")
        func replaces() throws {
            let place = Workplace()
            writeFile(place.file("samples"), [UInt8](repeating: 1, count: 9000))
            let path = place.file("samples")
            #expect(try place.run(["capture", "jitter", "-n", "100", "-o", path]).status == 0)
            #expect(bytesOfFile(path).count == 100)
            #expect(mode(path) == 0o600)
        }

        @Test("an interrupted capture leaves nothing", arguments: [SIGINT, SIGTERM])
        func interrupted(number: Int32) throws {
            let place = Workplace()
            let process = try place.start([
                "capture", "jitter", "-n", "100000000000", "-o", place.file("samples"),
            ])
            let begun = waitUntil { place.contents.contains { $0.contains(".part") } }
            try #require(begun)
            process.signal(number)
            #expect(process.finish() == 128 + number)
            #expect(String(decoding: process.errors, as: UTF8.self).contains("interrupted"))
            #expect(place.contents.isEmpty)
        }

        @Test("an interrupted capture of a source that gives nothing ends as well")
        func interruptedWait() throws {
            let place = Workplace()
            mkfifo(place.file("fifo"), 0o600)
            let process = try place.start([
                "capture", "stream", "--path", place.file("fifo"), "-o", place.file("samples"),
            ])
            try #require(waitUntil { place.contents.contains { $0.contains(".part") } })
            process.signal(SIGINT)
            #expect(process.finish() == 128 + SIGINT)
            #expect(place.contents == ["fifo"])
        }

        @Test("a full device is an error with a message, and gets no sidecar")
        func fullDevice() throws {
            let place = Workplace()
            let outcome = try place.run(["capture", "jitter", "-n", "5000", "-o", "/dev/full"])
            #expect(outcome.status == 74)
            #expect(outcome.errors.contains("/dev/full: No space left on device"))
            #expect(access("/dev/full.json", F_OK) != 0)
            #expect(
                try place.run(["capture", "jitter", "-n", "50", "-o", "/dev/null"]).status == 0
            )
            #expect(access("/dev/null.json", F_OK) != 0)
        }

        @Test("a full disk leaves nothing", .enabled(if: mayBeRoot, "mounting needs root"))
        func fullDisk() throws {
            let place = Workplace()
            let disk = place.file("disk")
            mkdir(disk, 0o700)
            try #require(mount("none", disk, "tmpfs", 0, "size=64k") == 0)
            defer {
                umount2(disk, Int32(MNT_DETACH))
                rmdir(disk)
            }
            let path = disk + "/samples"
            // 64 KiB hold 60,000 samples, but not their sidecar as well once one more page is taken.
            for count in [200_000, 65_536] {
                let outcome = try place.run(["capture", "jitter", "-n", "\(count)", "-o", path])
                #expect(outcome.status == 74, "\(count)")
                #expect(outcome.errors.contains("No space left on device"))
                #expect(namesIn(disk).isEmpty, "\(count)")
            }
        }

        @Test("a folder that does not exist or a directory as target is an error")
        func impossibleTargets() throws {
            let place = Workplace()
            for path in [place.file("missing/samples"), place.path] {
                let outcome = try place.run(["capture", "jitter", "-n", "10", "-o", path])
                #expect(outcome.status == 74)
                #expect(outcome.errors.contains(path))
            }
            #expect(place.contents.isEmpty)
        }

        @Test("a source that is not there ends with 69 and the reason")
        func unavailable() throws {
            let place = Workplace()
            for arguments in [
                ["stream"], ["command"], ["stream", "--path", place.file("missing")],
                ["hwrng", "--path", place.file("missing")],
            ] {
                let outcome = try place.run(
                    ["capture"] + arguments + ["-o", place.file("samples")]
                )
                #expect(outcome.status == 69, "\(arguments)")
                #expect(outcome.errors.hasPrefix("wellspring: \(arguments[0]): "))
                #expect(place.contents.isEmpty)
            }
        }

        @Test("a command's output is recorded as it comes")
        func command() throws {
            let place = Workplace()
            let path = place.file("samples")
            let outcome = try place.run([
                "capture", "command", "--command", "while :; do printf abcdefgh; done", "-n",
                "4000",
                "-o", path,
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(bytesOfFile(path) == (0..<4000).map { UInt8(ascii: "a") + UInt8($0 % 8) })
            #expect(try sidecar(path + ".json").settings["command"]?.contains("printf") == true)
        }

        @Test("a FIFO is recorded as it comes, up to its end")
        func stream() throws {
            let place = Workplace()
            let (path, fifo) = (place.file("samples"), place.file("fifo"))
            mkfifo(fifo, 0o600)
            let arguments = ["capture", "stream", "--path", fifo, "-n", "3000", "-o", path]
            let process = try place.start(arguments)
            let sent = (0..<3000).map { UInt8(truncatingIfNeeded: $0 * 7) }
            let writer = open(fifo, O_RDWR | O_CLOEXEC)
            try #require(writer >= 0)
            defer { close(writer) }
            #expect(write(writer, sent, sent.count) == sent.count)
            #expect(process.finish() == 0)
            #expect(bytesOfFile(path) == sent)
        }

        @Test("a file that ends too early is an error that leaves nothing")
        func endOfData() throws {
            let place = Workplace()
            writeFile(place.file("short"), [1, 2, 3])
            let outcome = try place.run([
                "capture", "stream", "--path", place.file("short"), "-n", "4", "-o",
                place.file("samples"),
            ])
            #expect(outcome.status == 74)
            #expect(place.contents == ["short"])
        }

        @Test("standard output gets the samples and nothing else")
        func standardOutput() throws {
            let outcome = try Workplace().run(["capture", "jitter", "-n", "777", "-o", "-"])
            #expect(outcome.status == 0)
            #expect(outcome.bytes.count == 777)
        }

        private func digest(_ bytes: [UInt8]) -> String {
            SHA256.hash(data: bytes).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
        }
    }
}
