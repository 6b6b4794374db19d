// Where sockets and state live: for the system, or for one user (XDG Base Directory Specification).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Two directories. They need not exist; ``create()`` makes them.
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
            try requirePrivate(fallback, userID: userID, mayBeAbsent: true)
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

    /// Makes both where they are missing: the run directory 0755 for root and else 0700, the state
    /// directory 0700. An existing one of a user must be the user's own and closed to others.
    package func create(userID: UInt32) throws(ConfigurationError) {
        try Self.make(run, mode: userID == 0 ? 0o755 : 0o700)
        try Self.make(state, mode: 0o700)
        guard userID != 0 else { return }
        try Self.requirePrivate(run, userID: userID, mayBeAbsent: false)
    }

    /// As mkdir -p; parents are made 0700, as the specification wants it.
    private static func make(_ path: AbsolutePath, mode: mode_t) throws(ConfigurationError) {
        var parent = ""
        let names = path.text.split(separator: "/")
        for (index, name) in names.enumerated() {
            parent += "/\(name)"
            let isLast = index == names.count - 1
            guard mkdir(parent, isLast ? mode : 0o700) == 0 || errno == EEXIST else {
                throw ConfigurationError(
                    file: parent,
                    "cannot be made (\(String(cString: strerror(errno)))): make it, and give it to "
                        + "the user who starts Wellspring"
                )
            }
        }
    }

    /// A directory that others may write to, or a link that others laid, is where others listen.
    private static func requirePrivate(
        _ path: AbsolutePath,
        userID: UInt32,
        mayBeAbsent: Bool
    ) throws(ConfigurationError) {
        var facts = stat()
        guard lstat(path.text, &facts) == 0 else {
            if errno == ENOENT && mayBeAbsent { return }
            throw ConfigurationError(
                file: path.text,
                "cannot be looked at (\(String(cString: strerror(errno)))): set XDG_RUNTIME_DIR "
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
