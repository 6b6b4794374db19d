// Where sockets and state live, and whose places are refused.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import Glibc
import Testing

@Suite("RuntimeDirectories")
struct RuntimeDirectoriesTests {
    @Test("root has the system's directories")
    func root() throws {
        let found = try RuntimeDirectories.current(
            userID: 0,
            environment: ["XDG_RUNTIME_DIR": "/x"]
        )
        #expect(found == .system)
        #expect(found.run.text == "/run/wellspring")
        #expect(found.state.text == "/var/lib/wellspring")
    }

    @Test("a user has the directories of the XDG specification")
    func user() throws {
        let found = try RuntimeDirectories.current(
            userID: 1_000,
            environment: ["XDG_RUNTIME_DIR": "/run/user/1000", "XDG_STATE_HOME": "/s/"]
        )
        #expect(found.run.text == "/run/user/1000/wellspring")
        #expect(found.state.text == "/s/wellspring")
        #expect(
            Configuration.default(for: found).control.path.text
                == "/run/user/1000/wellspring/control.sock"
        )
    }

    @Test("a unit of systemd has the directories of the unit", arguments: [0, 999] as [UInt32])
    func unit(_ userID: UInt32) throws {
        let found = try RuntimeDirectories.current(
            userID: userID,
            environment: [
                "RUNTIME_DIRECTORY": "/run/wellspring", "STATE_DIRECTORY": "/var/lib/wellspring",
                "XDG_RUNTIME_DIR": "/x", "HOME": "/y",
            ]
        )
        #expect(found == .system)
    }

    @Test("relative variables count as unset")
    func relative() throws {
        try withTemporaryDirectory { directory in
            let found = try RuntimeDirectories.current(
                userID: 7,
                environment: ["XDG_RUNTIME_DIR": "run", "XDG_STATE_HOME": "", "HOME": "/home/u"],
                temporaryDirectory: directory
            )
            #expect(found.run.text == "\(directory)/wellspring-7")
            #expect(found.state.text == "/home/u/.local/state/wellspring")
        }
    }

    @Test("without a home there is no place for state")
    func homeless() {
        let error = #expect(throws: ConfigurationError.self) {
            try RuntimeDirectories.current(userID: 7, environment: ["XDG_RUNTIME_DIR": "/x"])
        }
        #expect(
            error?.description
                == "environment: neither XDG_STATE_HOME nor HOME is an absolute path, so there is "
                + "no place for state: set HOME"
        )
    }

    @Test("a fallback directory that others could have laid is refused", arguments: Trap.allCases)
    func trap(_ trap: Trap) throws {
        // What this test makes belongs to somebody else than this user, who is not root.
        let user = trap == .writable ? max(1, getuid()) : getuid() + 1
        let name = "wellspring-\(user)"
        try withTemporaryDirectory([name]) { directory in
            let place = "\(directory)/\(name)"
            let reason: String
            switch trap {
            case .file:
                try write([], to: place)
                reason = "it is not a directory"
            case .link:
                // Dangling on purpose: the refusal must not depend on what it points to.
                try #require(symlink("\(directory)/nothing", place) == 0)
                reason = "it is not a directory"
            case .stranger:
                try #require(mkdir(place, 0o700) == 0)
                reason = "it belongs to user \(getuid())"
            case .writable:
                try #require(mkdir(place, 0o700) == 0)
                try #require(chmod(place, 0o777) == 0)
                if getuid() == 0 { try #require(chown(place, user, user) == 0) }
                reason = "others may write to it"
            }
            let error = #expect(throws: ConfigurationError.self) {
                try RuntimeDirectories.current(
                    userID: user,
                    environment: ["HOME": "/home/u"],
                    temporaryDirectory: directory
                )
            }
            #expect(
                error?.description
                    == "\(place): is not safe for sockets, since \(reason): remove it, or set "
                    + "XDG_RUNTIME_DIR to a directory of your own"
            )
        }
    }

    enum Trap: CaseIterable, Sendable { case file, link, stranger, writable }
}
