// Binding: stale files, foreign files, modes, paths, cleaning up.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Glibc
import LinuxSystem
import Testing
import WellspringTesting

@Suite("StreamListener")
struct StreamListenerTests {
    let directory = TemporaryDirectory()

    /// The error's number; nil when listening works.
    private func code(_ path: String) -> Int32? {
        do throws(SystemError) {
            _ = try StreamListener(path: path, mode: 0o600)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("clients connect to it, and accepting does not wait")
    func serving() throws {
        let path = directory.file("sock")
        let listener = try StreamListener(path: path, mode: 0o600)
        #expect(ws_accept(listener.descriptor) == -1 && errno == EAGAIN)
        let client = try UnixSocket.connect(path: path)
        let accepted = ws_accept(listener.descriptor)
        #expect(accepted >= 0)
        close(client)
        close(accepted)
    }

    @Test("a socket file that nobody listens on is replaced")
    func stale() throws {
        let path = directory.file("sock")
        leaveSocket(at: path, type: SOCK_STREAM)
        try #require(access(path, F_OK) == 0)
        #expect(code(path) == nil)
    }

    @Test("a socket that someone serves is left alone, even with a full backlog")
    func living() throws {
        let path = directory.file("sock")
        let running = try StreamListener(path: path, mode: 0o600)
        #expect(code(path) == EADDRINUSE)
        close(try UnixSocket.connect(path: path))
        // A backlog of 0 holds one connection.
        #expect(listen(running.descriptor, 0) == 0)
        var clients: [Int32] = []
        while let client = try? UnixSocket.connect(path: path, nonBlocking: true) {
            clients.append(client)
            try #require(clients.count < 16)
        }
        #expect(code(path) == EADDRINUSE)
        for client in clients { close(client) }
        withExtendedLifetime(running) { #expect(access(path, F_OK) == 0) }
    }

    @Test("what is no stream socket is left alone")
    func foreign() throws {
        let file = directory.write("kept", to: "file")
        #expect(code(file) == ENOTSOCK)
        #expect(access(file, F_OK) == 0)

        let datagrams = directory.file("datagrams")
        let descriptor = boundSocket(at: datagrams, type: SOCK_DGRAM)
        #expect(code(datagrams) == EADDRINUSE)
        #expect(access(datagrams, F_OK) == 0)
        close(descriptor)
    }

    @Test("a link is not followed, wherever it leads")
    func link() throws {
        let (socket, link) = (directory.file("sock"), directory.file("link"))
        leaveSocket(at: socket, type: SOCK_STREAM)
        try #require(symlink(socket, link) == 0)
        #expect(code(link) == ENOTSOCK)
        #expect(access(socket, F_OK) == 0)
    }

    @Test("a path is refused at 108 bytes and not at 107")
    func length() {
        let filler = UnixAddress.longestPath - directory.path.utf8.count - 1
        let longest = directory.file(String(repeating: "x", count: filler))
        #expect(longest.utf8.count == 107)
        #expect(code(longest) == nil)
        #expect(code(longest + "x") == ENAMETOOLONG)
        #expect(code("") == ENAMETOOLONG)
        #expect(code("@name") == EINVAL)
    }

    @Test("the file has the mode asked for, whatever the umask", arguments: [0o600, 0o660, 0o666])
    func mode(_ mode: UInt32) throws {
        let path = directory.file("sock")
        let listener = try StreamListener(path: path, mode: mode)
        #expect(permissions(path) == mode)
        try listener.setAccess(mode: 0o640, owner: geteuid(), group: getegid())
        #expect(permissions(path) == 0o640)
    }

    @Test("the file is removed at the end, unless it is another one by then")
    func removal() throws {
        let path = directory.file("sock")
        do {
            let first = try StreamListener(path: path, mode: 0o600)
            withExtendedLifetime(first) { #expect(access(path, F_OK) == 0) }
        }
        #expect(access(path, F_OK) != 0)
        do {
            let second = try StreamListener(path: path, mode: 0o600)
            // Moved and not removed, or the new file might be given the same inode.
            rename(path, directory.file("moved"))
            directory.write("another", to: "sock")
            withExtendedLifetime(second) {}
        }
        #expect(access(path, F_OK) == 0)
    }

    @Test("after an owner that cannot be set nothing is left behind", .enabled(if: geteuid() != 0))
    func refusedOwner() {
        let path = directory.file("sock")
        #expect(throws: SystemError.self) {
            try StreamListener(path: path, mode: 0o600, owner: geteuid() + 1)
        }
        #expect(access(path, F_OK) != 0)
    }

    @Test("a missing directory is an error with its reason and a hint")
    func missingDirectory() {
        do throws(SystemError) {
            _ = try StreamListener(path: "/nonexistent/sock", mode: 0o600)
            Issue.record("bound in a directory that does not exist")
        } catch {
            #expect(
                error.description
                    == "cannot bind to /nonexistent/sock: No such file or directory. "
                    + "Its folder must exist and be writable for this user."
            )
        }
    }

    @Test("a client is told why there is no connection")
    func connecting() {
        func code(_ path: String) -> Int32? {
            do throws(SystemError) {
                close(try UnixSocket.connect(path: path))
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code(directory.file("missing")) == ENOENT)
        let stale = directory.file("stale")
        leaveSocket(at: stale, type: SOCK_STREAM)
        #expect(code(stale) == ECONNREFUSED)
        #expect(code("/" + String(repeating: "x", count: 107)) == ENAMETOOLONG)
    }

    private func permissions(_ path: String) -> UInt32 {
        var facts = stat()
        return lstat(path, &facts) == 0 ? facts.st_mode & 0o7777 : .max
    }

    private func leaveSocket(at path: String, type: __socket_type) {
        close(boundSocket(at: path, type: type))
    }

    private func boundSocket(at path: String, type: __socket_type) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(type.rawValue), 0)
        #expect(UnixAddress.with(path) { bind(descriptor, $0, $1) } == 0)
        return descriptor
    }
}
