// What wellspring does before main where the kernel's generator is not seeded yet.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension EndToEnd {
    @Suite(.enabled(if: mayBeRoot && access("/usr/bin/strace", X_OK) == 0, "needs strace"))
    struct ProgramStartTests {
        private let strace = ["strace", "-e", "trace=getrandom"]

        @Test("on an unseeded kernel it keeps its arguments and its children's environment")
        func unseeded() throws {
            let place = Workplace()
            let plain = try place.run(["--version"], prefix: strace)
            let calls = plain.errors.split(separator: "\n").filter { $0.hasPrefix("getrandom(") }
            // The question of the start file: one byte, without waiting.
            let question = try #require(calls.firstIndex { $0.contains(", 1, GRND_NONBLOCK)") })
            let inject = "inject=getrandom:error=EAGAIN:when=\(question + 1)"
            let version = try place.run(["--version"], prefix: strace + ["-e", inject])
            #expect(version.errors.contains("GRND_NONBLOCK) = -1 EAGAIN"))
            #expect(version.status == 0)
            #expect(version.text == plain.text)
            let command = "env | grep ^PATH=; env | grep DETERMINISTIC; yes end"
            let capture = try place.run(
                ["capture", "command", "--command", command, "-n", "60", "-o", place.file("env")],
                prefix: strace + ["-e", inject]
            )
            #expect(capture.errors.contains("EAGAIN"))
            let environment = String(decoding: bytesOfFile(place.file("env")), as: UTF8.self)
            #expect(environment.hasPrefix("PATH=/usr/sbin:/usr/bin:/sbin:/bin\nend"))
        }
    }
}
