// `wellspring migrate`: from a file or a pipe to a configuration, or to an error with its line.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension EndToEnd {
    @Suite struct MigrateCommandTests {
        @Test(
            "a file is translated; what has no counterpart is told on standard error, with its line"
        )
        func file() throws {
            let place = Workplace()
            let file = place.write(
                "Daemonise(true)\nUnixControlSocket '/run/c.sock'\nEGDUnixSocket('/run/e.sock')\n",
                to: "ekeyd.conf"
            )
            let outcome = try place.run(["migrate", "ekeyd", file])
            #expect(outcome.status == 0)
            #expect(outcome.text.contains("\n  path: /run/c.sock "))
            #expect(outcome.text.contains("# line 3: EGDUnixSocket\n"))
            #expect(outcome.text.hasSuffix("\n") && !outcome.text.hasSuffix("\n\n"))
            #expect(outcome.errors.hasPrefix("\(file):1: Daemonise: left out: "))
            #expect(outcome.errors.contains("\n\(file):2: UnixControlSocket: "))
            #expect(place.contents == ["ekeyd.conf"])
        }

        @Test("standard input is read as a file is")
        func standardInput() throws {
            let place = Workplace()
            let file = place.write("SetOutputToKernel(7)\nif x then", to: "ekeyd.conf")
            let process = try place.start(["migrate", "ekeyd", "-"], input: .file(file))
            #expect(process.finish() == 78)
            #expect(process.output.isEmpty)
            let errors = String(decoding: process.errors, as: UTF8.self)
            #expect(errors.hasPrefix("wellspring: standard input:2:1: \"if\" "))
        }

        @Test(
            "a file that is missing or a folder ends with 74, and one that may not be read with 77"
        )
        func unreadable() throws {
            let place = Workplace()
            for name in ["missing", "."] {
                let outcome = try place.run(["migrate", "ekeyd", place.file(name)])
                #expect(outcome.status == 74)
                #expect(outcome.errors.contains(place.file(name)))
            }
            guard !isRoot else { return }
            chmod(place.write("", to: "closed"), 0)
            #expect(try place.run(["migrate", "ekeyd", place.file("closed")]).status == 77)
        }

        @Test("output on a full disk ends with 74")
        func fullDisk() throws {
            let place = Workplace()
            let file = place.write("", to: "ekeyd.conf")
            #expect(
                try place.run(["migrate", "ekeyd", file], output: .file("/dev/full")).status == 74
            )
        }
    }
}
