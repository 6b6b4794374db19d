// Files that are replaced whole or not at all, with every step failing once.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxSystem
import Synchronization
import Testing
import WellspringTesting

@Suite("AtomicFile")
struct AtomicFileTests {
    private let directory = TemporaryDirectory()
    private var path: String { directory.file("keys") }
    private var temporary: String { directory.file(".keys.wellspring-new") }

    @Test("a new file is its owner's alone, whatever the umask")
    func newFile() throws {
        try commit("new")
        #expect(text(path) == "new")
        #expect(mode(path) == 0o600)
        #expect(names == ["keys"])
    }

    @Test(
        "an old file is replaced, and keeps its permissions",
        arguments: [0o600, 0o640, 0o444, 0o4755]
    )
    func permissions(bits: Int) throws {
        directory.write("old and longer", to: "keys")
        chmod(path, mode_t(bits))
        try commit("new")
        #expect(text(path) == "new")
        #expect(mode(path) == mode_t(bits))
        #expect(names == ["keys"])
    }

    @Test("an old file keeps its owner and group", .enabled(if: geteuid() == 0))
    func owner() throws {
        directory.write("old", to: "keys")
        try #require(chown(path, 65_534, 65_533) == 0)
        chmod(path, 0o640)
        try commit("new")
        var facts = stat()
        try #require(stat(path, &facts) == 0)
        #expect(facts.st_uid == 65_534 && facts.st_gid == 65_533)
        #expect(mode(path) == 0o640)
    }

    @Test("contents may be empty, and large")
    func sizes() throws {
        try commit("")
        #expect(text(path) == "")
        let large = String(repeating: "0123456789abcdef", count: 1 << 16)
        try commit(large)
        #expect(text(path) == large)
    }

    @Test("a link stays, and what it leads to is replaced", arguments: ["real/keys", "absolute"])
    func link(kind: String) throws {
        directory.write("old", to: "real/keys")
        let target = directory.file("real/keys")
        symlink(kind == "absolute" ? target : kind, directory.file("second"))
        symlink("second", path)
        try commit("new")
        #expect(text(target) == "new")
        #expect(names == ["keys", "real", "second"])
        var facts = stat()
        #expect(lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK)
    }

    @Test("a link that leads nowhere yet leads to the new file, one in a circle is refused")
    func danglingLink() throws {
        symlink("later", path)
        try commit("new")
        #expect(text(directory.file("later")) == "new")
        symlink("round", directory.file("round"))
        #expect(failure(directory.file("round"))?.code == ELOOP)
    }

    @Test("a relative path without folder works")
    func relative() throws {
        // The working directory is the whole process', so a name that nobody else has.
        let name = "wellspring-atomic-\(getpid())"
        defer { unlink(name) }
        try AtomicFile(replacing: name).commit(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(access(name, F_OK) == 0)
    }

    @Test("without commit nothing changes and nothing is left")
    func abandoned() throws {
        directory.write("old", to: "keys")
        do { _ = try AtomicFile(replacing: path) }
        #expect(text(path) == "old")
        #expect(names == ["keys"])
    }

    @Test("what a dead process left is no obstacle", arguments: ["", "half of a sec"])
    func stale(left: String) throws {
        directory.write("old", to: "keys")
        directory.write(left, to: ".keys.wellspring-new")
        let open = Glibc.open(temporary, O_RDONLY | O_CLOEXEC)
        defer { close(open) }
        try commit("new")
        #expect(text(path) == "new")
        #expect(names == ["keys"])
    }

    @Test("a file in the way that others can read is not written to")
    func planted() throws {
        directory.write("", to: ".keys.wellspring-new")
        chmod(temporary, 0o666)
        let planted = open(temporary, O_RDONLY | O_CLOEXEC)
        defer { close(planted) }
        try commit("new")
        var facts = stat()
        #expect(fstat(planted, &facts) == 0 && facts.st_size == 0 && facts.st_nlink == 0)
        #expect(mode(path) == 0o600)
    }

    @Test("a link or folder in the way is refused and named", arguments: ["link", "folder"])
    func obstacle(kind: String) {
        if kind == "link" {
            symlink("elsewhere", temporary)
        } else {
            mkdir(temporary, 0o700)
        }
        let error = failure(path)
        #expect(error?.code == (kind == "link" ? ELOOP : EISDIR))
        #expect(error?.description.contains(temporary) == true)
        #expect(!names.contains("elsewhere") && !names.contains("keys"))
    }

    @Test("a missing folder, a folder in its place, and a device are refused with a cure")
    func wrongPlaces() {
        let missing = failure(directory.file("missing/keys"))
        #expect(missing?.code == ENOENT)
        #expect(missing?.hint?.contains("Create the folder") == true)
        let folder = failure(directory.path)
        #expect(folder?.code == EISDIR)
        #expect(folder?.hint?.contains("Name a file") == true)
        #expect(failure("/dev/null")?.code == EINVAL)
        #expect(names == [])
    }

    @Test("a folder that may not be written to is refused before anything is done")
    func readOnlyFolder() {
        directory.write("old", to: "locked/keys")
        chmod(directory.file("locked"), 0o500)
        // Nobody creates files in /sys, not even root.
        let path = geteuid() == 0 ? "/sys/kernel/keys" : directory.file("locked/keys")
        let error = failure(path)
        #expect(error != nil && error?.code != ENOENT)
        #expect(error?.hint?.contains("written beside") == true)
        chmod(directory.file("locked"), 0o700)
        #expect(text(directory.file("locked/keys")) == "old")
    }

    @Test(
        "every failing step leaves the old file, and nothing else",
        arguments: ["write", "no progress", "half", "synchronise", "rename"]
    )
    func failingStep(step: String) throws {
        directory.write("old", to: "keys")
        var calls = FileCalls.system
        var expected = EIO
        switch step {
        case "write": calls.write = { _, _ in fail(EIO) }
        case "no progress":
            calls.write = { _, _ in 0 }
            expected = ENOSPC
        case "half":
            calls.write = { file, bytes in
                bytes.count < 4
                    ? fail(ENOSPC)
                    : FileCalls.system.write(file, UnsafeRawBufferPointer(rebasing: bytes[..<3]))
            }
            expected = ENOSPC
        case "synchronise": calls.synchronise = { _ in Int32(fail(EIO)) }
        default: calls.rename = { _, _ in Int32(fail(EIO)) }
        }
        let error = failure(path, "new text", calls)
        #expect(error?.code == expected)
        #expect(error?.hint == "\(path) is unchanged.")
        #expect(text(path) == "old")
        #expect(names == ["keys"])
    }

    @Test("a folder that cannot be made durable is told after the file is there")
    func folderFailure() throws {
        directory.write("old", to: "keys")
        for (code, expected) in [(EIO, EIO as Int32?), (EINVAL, nil)] {
            var calls = FileCalls.system
            calls.synchronise = { file in
                var facts = stat()
                fstat(file, &facts)
                return facts.st_mode & S_IFMT == S_IFDIR ? Int32(fail(code)) : 0
            }
            #expect(failure(path, "new", calls)?.code == expected)
            #expect(text(path) == "new")
            #expect(names == ["keys"])
        }
    }

    @Test("short and interrupted writes go on")
    func shortWrites() throws {
        let count = Mutex(0)
        var calls = FileCalls.system
        calls.write = { file, bytes in
            let turn = count.withLock { count in
                count += 1
                return count
            }
            return turn % 3 == 0
                ? fail(EINTR)
                : FileCalls.system.write(file, UnsafeRawBufferPointer(rebasing: bytes[..<1]))
        }
        #expect(failure(path, "several bytes", calls) == nil)
        #expect(text(path) == "several bytes")
    }

    @Test("a second writer is refused while the first is at work, and named the cause")
    func refused() throws {
        let first = try AtomicFile(replacing: path)
        let error = failure(path)
        #expect(error?.code == EWOULDBLOCK)
        #expect(error?.hint?.contains("Another process is changing \(path)") == true)
        try write("first", first)
        #expect(text(path) == "first")
        try commit("second")
        #expect(text(path) == "second")
        #expect(names == ["keys"])
    }

    @Test("many writers at once take turns, and each reads what the one before wrote")
    func turns() throws {
        let path = path
        directory.write("", to: "keys")
        let workers = (0..<8).map { _ in
            Worker {
                for _ in 0..<10 {
                    do {
                        let file = try AtomicFile(replacing: path, patience: .seconds(60))
                        let longer = contents(path) + "x"
                        try write(longer, file)
                    } catch {
                        Issue.record(error)
                    }
                }
            }
        }
        for worker in workers { worker.join() }
        #expect(text(path) == String(repeating: "x", count: 80))
        #expect(names == ["keys"])
    }

    private func commit(_ contents: String) throws(SystemError) {
        try write(contents, AtomicFile(replacing: path))
    }

    private func failure(
        _ path: String,
        _ contents: String = "new",
        _ calls: FileCalls = .system
    ) -> SystemError? {
        do throws(SystemError) {
            let file = try AtomicFile(replacing: path, patience: .zero, calls: calls)
            try write(contents, file)
            return nil
        } catch {
            return error
        }
    }

    private func text(_ path: String) -> String { contents(path) }

    private var names: [String] {
        guard let folder = opendir(directory.path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private func mode(_ path: String) -> mode_t {
        var facts = stat()
        return lstat(path, &facts) == 0 ? facts.st_mode & 0o7777 : 0
    }
}

private func write(_ contents: String, _ file: consuming AtomicFile) throws(SystemError) {
    let bytes = UnsafeMutableRawBufferPointer.allocate(
        byteCount: contents.utf8.count,
        alignment: 1
    )
    defer { bytes.deallocate() }
    bytes.copyBytes(from: contents.utf8)
    try file.commit(UnsafeRawBufferPointer(bytes))
}

private func contents(_ path: String) -> String { SystemTree().contents(path) ?? "no file" }

/// What a failing system call returns.
private func fail(_ code: Int32) -> Int {
    errno = code
    return -1
}
