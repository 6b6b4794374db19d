// `wellspring drain`: devices, files, sockets, and a FIFO that never gives.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension EndToEnd {
    @Suite struct DrainCommandTests {
        @Test(
            "what gives at once never kept anyone waiting",
            arguments: ["/dev/zero", "/dev/random"]
        )
        func device(path: String) throws {
            let outcome = try Workplace().run(["drain", path, "--size", "64KiB"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.text.contains("\(path): 65536 of 65536 bytes in "))
            #expect(outcome.text.contains("Never kept waiting."))
        }

        @Test("a file that is too short is told with how far it went")
        func shortFile() throws {
            let place = Workplace()
            writeFile(place.file("short"), [UInt8](repeating: 1, count: 1000))
            let outcome = try place.run(["drain", place.file("short"), "-s", "2000", "-b", "300"])
            #expect(outcome.status == 74)
            #expect(outcome.text.contains("1000 of 2000 bytes"))
            #expect(outcome.errors.contains("end of data after 1000 bytes"))
        }

        @Test("an EGD socket is drained to the size asked for")
        func socket() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            for path in [daemon.entropy, daemon.generator] {
                let outcome = try daemon.place.run(["drain", path, "--size", "20000"])
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(outcome.text.contains("20000 of 20000 bytes"))
            }
        }

        @Test(
            "a FIFO that never gives is called blocked when the time is over",
            arguments: [true, false]
        )
        func blocked(hasWriter: Bool) throws {
            let place = Workplace()
            let fifo = place.file("fifo")
            mkfifo(fifo, 0o600)
            let writer = hasWriter ? open(fifo, O_RDWR | O_CLOEXEC) : -1
            defer { if writer >= 0 { close(writer) } }
            let arguments = ["drain", fifo, "--time", "0.2"]
            let outcome = try place.run(arguments, limit: .seconds(10))
            #expect(outcome.status == 1)
            #expect(outcome.text.contains("0 of 512000 bytes"))
            #expect(outcome.text.contains("Not one byte came: whoever reads here is blocked."))
        }

        @Test("a FIFO that gives a little is not called blocked")
        func slow() throws {
            let place = Workplace()
            let fifo = place.file("fifo")
            mkfifo(fifo, 0o600)
            let writer = open(fifo, O_RDWR | O_CLOEXEC)
            defer { close(writer) }
            #expect(write(writer, [1, 2, 3], 3) == 3)
            let outcome = try place.run(["drain", fifo, "--time", "0.2"])
            #expect(outcome.status == 1)
            #expect(outcome.text.contains("3 of 512000 bytes"))
            #expect(outcome.text.contains("The time was over first"))
        }

        @Test("a daemon without entropy keeps it waiting, and it says so")
        func daemonWithoutEntropy() throws {
            let daemon = RunningDaemon.withoutEntropy()
            try daemon.startAndWait()
            let outcome = try daemon.place.run(["drain", daemon.entropy, "--time", "0.2"])
            #expect(outcome.status == 1)
            #expect(outcome.text.contains("whoever reads here is blocked"))
        }

        @Test("what is not there or cannot be read is named")
        func unreadable() throws {
            let place = Workplace()
            for path in [place.file("missing"), place.path] {
                let outcome = try place.run(["drain", path])
                #expect(outcome.status == 74)
                #expect(outcome.errors.hasPrefix("wellspring: cannot "))
            }
        }
    }
}
