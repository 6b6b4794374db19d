// Replacing a file so that a crash leaves the old one or the new one, whole (rename(2)).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A new version of a file in the making: written beside it, made durable, and moved to its place by
/// ``commit(_:)``. Without commit nothing changes and nothing is left behind.
///
/// As long as it exists, no other process has one for the same file. Owner, group and permissions stay
/// as they were; a new file is its owner's alone. A symbolic link stays, and what it points to is
/// replaced. Access control lists and other extended attributes are not kept.
package struct AtomicFile: ~Copyable {
    /// What is replaced, after links.
    private let target: String
    private let folder: String
    private let temporary: String
    private let descriptor: Int32
    /// Of the file that is replaced; nil when there is none.
    private let old: Attributes?
    private let calls: FileCalls

    private struct Attributes {
        let owner: uid_t
        let group: gid_t
        let mode: mode_t
    }

    /// Begins a new version of `path`. Another process that has begun one is waited for, up to
    /// `patience`; a file that a dead one left is removed. Shows early what commit would need: a
    /// folder that can be written to.
    package init(
        replacing path: String,
        patience: Duration = .seconds(2),
        calls: FileCalls = .system
    ) throws(SystemError) {
        let target = try Self.followingLinks(path)
        let (folder, name) = Self.split(target)
        let temporary = "\(folder == "/" ? "" : folder)/.\(name).wellspring-new"
        _ = try Self.attributes(of: target)
        let locked = try Self.lock(temporary, for: target, until: SystemClock.awake + patience)
        let attributes: Attributes?
        do throws(SystemError) {
            // Again: whoever had the lock may have made or changed the file.
            attributes = try Self.attributes(of: target)
        } catch {
            unlink(temporary)
            close(locked)
            throw error
        }
        descriptor = locked
        old = attributes
        self.target = target
        self.folder = folder
        self.temporary = temporary
        self.calls = calls
    }

    deinit {
        // After a commit the name is gone, or another process' already.
        if Self.isOpen(descriptor, at: temporary) { unlink(temporary) }
        close(descriptor)
    }

    /// Gives the file `contents`, durably. On failure the old file is still there.
    package consuming func commit(_ contents: UnsafeRawBufferPointer) throws(SystemError) {
        try write(contents)
        try keepAttributes()
        guard calls.synchronise(descriptor) == 0 else {
            throw SystemError("write \(target) to the disk", hint: unchanged)
        }
        guard calls.rename(temporary, target) == 0 else {
            throw SystemError("give the new \(target) its name", hint: unchanged)
        }
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if directory >= 0 { close(directory) } }
        // Some file systems have nothing to do there, and say EINVAL.
        guard directory >= 0, calls.synchronise(directory) == 0 || errno == EINVAL else {
            throw SystemError(
                "write the folder \(folder) to the disk",
                hint: "\(target) has its new contents, but might lose them if power fails now."
            )
        }
    }

    private borrowing func write(_ contents: UnsafeRawBufferPointer) throws(SystemError) {
        var rest = contents
        while !rest.isEmpty {
            let count = calls.write(descriptor, rest)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                if count == 0 { errno = ENOSPC }
                throw SystemError("write the new \(target)", hint: unchanged)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// The group before the permissions: they are another's only when the group is.
    private borrowing func keepAttributes() throws(SystemError) {
        guard let old else { return }
        var new = stat()
        guard fstat(descriptor, &new) == 0 else { throw SystemError("look at \(temporary)") }
        if new.st_uid != old.owner || new.st_gid != old.group {
            guard fchown(descriptor, old.owner, old.group) == 0 else {
                throw SystemError(
                    "give the new \(target) to user \(old.owner) and group \(old.group), whose the old "
                        + "one is",
                    hint: "Do this as root. \(unchanged)"
                )
            }
        }
        guard fchmod(descriptor, old.mode) == 0 else {
            throw SystemError("set the permissions of the new \(target)", hint: unchanged)
        }
    }

    private var unchanged: String { "\(target) is unchanged." }
}

extension AtomicFile {
    /// Makes `temporary` and locks it: the file is its own lock, which a dead process cannot hold.
    private static func lock(
        _ temporary: String,
        for target: String,
        until deadline: Duration
    ) throws(SystemError) -> Int32 {
        while true {
            let descriptor = open(
                temporary,
                O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                0o600
            )
            guard descriptor >= 0 else {
                throw SystemError(
                    "create \(temporary)",
                    hint: errno == ENOENT
                        ? "Create the folder first."
                        : "A new \(target) is written beside the old one."
                )
            }
            if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
                let error = SystemError(
                    "lock \(temporary)",
                    hint: "Another process is changing \(target). Try again when it has ended."
                )
                close(descriptor)
                guard error.code == EWOULDBLOCK || error.code == EINTR,
                    SystemClock.awake < deadline
                else { throw error }
                poll(nil, 0, 10)
                continue
            }
            // Another may have committed or removed it between the two calls. What holds something, or
            // is not ours, was not made just now: a dead process left it.
            var facts = stat()
            if isOpen(descriptor, at: temporary), fstat(descriptor, &facts) == 0 {
                let isNew =
                    facts.st_mode & S_IFMT == S_IFREG && facts.st_size == 0 && facts.st_nlink == 1
                    && facts.st_uid == geteuid() && facts.st_mode & 0o7177 == 0
                if isNew { return descriptor }
                if unlink(temporary) != 0 {
                    let error = SystemError("remove \(temporary)", hint: "Remove it by hand.")
                    close(descriptor)
                    throw error
                }
            }
            close(descriptor)
        }
    }

    /// Whether `path` names the open file `descriptor`.
    private static func isOpen(_ descriptor: Int32, at path: String) -> Bool {
        var (opened, named) = (stat(), stat())
        return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0
            && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino
    }

    /// Nil: there is nothing. Anything but a file is refused.
    private static func attributes(of target: String) throws(SystemError) -> Attributes? {
        var facts = stat()
        guard lstat(target, &facts) == 0 else {
            if errno == ENOENT { return nil }
            throw SystemError("look at \(target)")
        }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            let isFolder = facts.st_mode & S_IFMT == S_IFDIR
            throw SystemError(
                "replace \(target)",
                code: isFolder ? EISDIR : EINVAL,
                hint: isFolder ? "Name a file in it." : "It is not a regular file."
            )
        }
        return Attributes(
            owner: facts.st_uid,
            group: facts.st_gid,
            mode: facts.st_mode & 0o7777
        )
    }

    /// Where `path` leads; the end need not exist.
    private static func followingLinks(_ path: String) throws(SystemError) -> String {
        var path = path
        for _ in 0..<mostLinks {
            var text = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink(path, &text, text.count)
            guard count >= 0 else {
                if errno == EINVAL || errno == ENOENT { return path }
                throw SystemError("look at \(path)")
            }
            let link = String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            path = link.hasPrefix("/") ? link : "\(split(path).folder)/\(link)"
        }
        throw SystemError("look at \(path)", code: ELOOP)
    }

    private static func split(_ path: String) -> (folder: String, name: Substring) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path[...]) }
        let folder = slash == path.startIndex ? "/" : String(path[..<slash])
        return (folder, path[path.index(after: slash)...])
    }

    /// As many as Linux follows in one path (path_resolution(7)).
    private static let mostLinks = 40
}

/// The system calls that a full or broken disk makes fail, so that tests can.
package struct FileCalls: Sendable {
    package var write: @Sendable (Int32, UnsafeRawBufferPointer) -> Int
    package var synchronise: @Sendable (Int32) -> Int32
    package var rename: @Sendable (_ old: String, _ new: String) -> Int32

    package static let system = FileCalls(
        write: { Glibc.write($0, $1.baseAddress, $1.count) },
        synchronise: { fsync($0) },
        rename: { Glibc.rename($0, $1) }
    )
}
