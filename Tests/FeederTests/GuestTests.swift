// The feeder on a kernel of 2021 whose generator has no seed, in a guest (Tests/Guest).
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Glibc
import Testing

/// Runs where the guest's kernel was fetched before, and in CI in any case.
@Suite(.enabled(if: Requirements.canBootGuest, "run Tests/Guest/fetch.sh first"))
struct GuestTests {
    @Test("every claim holds on Linux 5.10.46", .timeLimit(.minutes(3)))
    func claims() throws {
        let feeder = try FeederProcess.binary()
        let script =
            "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
            + "/Guest/run.sh"
        let output = FeederProcess(upstream: .absent)
        let status = try output.runScript([script, feeder])
        let lines = output.errors.split(separator: "\n")
        #expect(status == 0, "\(lines.filter { !$0.hasPrefix("PASS") }.joined(separator: "; "))")
        #expect(lines.filter { $0.hasPrefix("PASS ") }.count == 13)
    }
}

extension Requirements {
    static var canBootGuest: Bool {
        let home = getenv("HOME").map { String(cString: $0) } ?? ""
        let cache = getenv("XDG_CACHE_HOME").map { String(cString: $0) } ?? home + "/.cache"
        return isCI || access(cache + "/wellspring-vm/uml/.complete", F_OK) == 0
    }
}

extension FeederProcess {
    /// Runs a script to its end with its output in the file of ``errors``; its exit status.
    func runScript(_ words: [String]) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(
            &actions,
            1,
            folder + "/errors",
            O_WRONLY | O_CREAT | O_TRUNC,
            0o644
        )
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var argv = words.map { strdup($0) } + [nil]
        defer { for pointer in argv { free(pointer) } }
        var script: pid_t = 0
        try #require(posix_spawn(&script, words[0], &actions, nil, &argv, environ) == 0)
        var status: Int32 = 0
        while waitpid(script, &status, 0) < 0 && errno == EINTR {}
        return ws_wait_exited(status) ? ws_wait_exit_code(status) : -1
    }
}
