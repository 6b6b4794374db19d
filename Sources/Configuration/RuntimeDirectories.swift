// Where sockets and state live: for the system, or for one user (XDG Base Directory Specification).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import LinuxSystem

/// Two directories. They need not exist.
package struct RuntimeDirectories: Sendable, Equatable {
    /// Sockets; gone after a reboot.
    package let run: AbsolutePath
    /// History, assessments and the uncredited seed; kept.
    package let state: AbsolutePath

    package init(run: AbsolutePath, state: AbsolutePath) {
        self.run = run
        self.state = state
    }

    /// The system's, for root and for the service's own user.
    package static let system = RuntimeDirectories(
        run: literal("/run").appending("wellspring"),
        state: literal("/var/lib").appending("wellspring")
    )

    /// The directories of the user `userID` with the environment variables `environment`.
    ///
    /// Under systemd they are those of the unit (RuntimeDirectory= and StateDirectory=, systemd.exec(5)).
    /// Otherwise root has the system's, and others have `$XDG_RUNTIME_DIR/wellspring`, else
    /// `/tmp/wellspring-UID`, which is refused when somebody else made it. As the specification
    /// wants it, a variable that is not an absolute path counts as unset.
    package static func current(
        userID: UInt32,
        environment: [String: String],
        temporaryDirectory: String = "/tmp"
    ) throws(ConfigurationError) -> RuntimeDirectories {
        func directory(_ variable: String) -> AbsolutePath? {
            environment[variable].flatMap { AbsolutePath($0) }
        }
        if let run = directory("RUNTIME_DIRECTORY"), let state = directory("STATE_DIRECTORY") {
            return RuntimeDirectories(run: run, state: state)
        }
        if userID == 0 { return .system }
        var run = directory("XDG_RUNTIME_DIR")?.appending("wellspring")
        if run == nil, let temporary = AbsolutePath(temporaryDirectory) {
            let fallback = temporary.appending("wellspring-\(userID)")
            try requirePrivate(fallback, userID: userID)
            run = fallback
        }
        let state =
            directory("XDG_STATE_HOME")
            ?? directory("HOME")?.appending(".local").appending("state")
        guard let run, let state else {
            throw ConfigurationError(
                file: "environment",
                "neither XDG_STATE_HOME nor HOME is an absolute path, so there is no place for "
                    + "state: set HOME"
            )
        }
        return RuntimeDirectories(run: run, state: state.appending("wellspring"))
    }

    /// A directory may be absent. One that others may write to, or a link that others laid, is where others listen.
    private static func requirePrivate(
        _ path: AbsolutePath,
        userID: UInt32
    ) throws(ConfigurationError) {
        var facts = stat()
        guard lstat(path.text, &facts) == 0 else {
            if errno == ENOENT { return }
            throw ConfigurationError(
                file: path.text,
                "cannot be looked at (\(errorText(errno))): set XDG_RUNTIME_DIR "
                    + "to a directory of your own"
            )
        }
        let reason =
            if facts.st_mode & S_IFMT != S_IFDIR {
                "it is not a directory"
            } else if facts.st_uid != userID {
                "it belongs to user \(facts.st_uid)"
            } else if facts.st_mode & 0o022 != 0 {
                "others may write to it"
            } else {
                nil as String?
            }
        guard let reason else { return }
        throw ConfigurationError(
            file: path.text,
            "is not safe for sockets, since \(reason): remove it, or set XDG_RUNTIME_DIR to a "
                + "directory of your own"
        )
    }

    private static func literal(_ text: String) -> AbsolutePath {
        guard let path = AbsolutePath(text) else { preconditionFailure("not absolute: \(text)") }
        return path
    }
}
