// Binding: stale files, foreign files, modes, paths, cleaning up.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import EGDService
import Glibc
import Testing

@Suite("UnixListener")
struct UnixListenerTests {
    let directory = TemporaryDirectory()

    private func server(_ path: String, mode: UInt32 = 0o660) throws(EGDError) -> EGDServer {
        try EGDServer(listeners: [
            EGDListenerConfiguration(
                name: "test",
                address: .unix(EGDUnixAddress(path: path, mode: mode)),
                tap: ScriptedTap()
            )
        ])
    }

    private func code(_ path: String) -> EGDError.Code? {
        do throws(EGDError) {
            _ = try server(path)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("a socket file that nobody listens on is replaced")
    func stale() throws {
        let path = directory.file("egd.sock")
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        close(descriptor)
        try #require(bound == 0 && access(path, F_OK) == 0)
        #expect(code(path) == nil)
    }

    @Test("a socket that someone serves, and a file that is no socket, are left alone")
    func foreign() throws {
        let path = directory.file("egd.sock")
        let running = try server(path)
        #expect(code(path) == .addressInUse)
        _ = try BareClient(path)
        running.stop()

        let file = directory.file("file")
        close(open(file, O_CREAT | O_WRONLY, 0o600))
        #expect(code(file) == .notASocket)
        #expect(access(file, F_OK) == 0)
    }

    @Test("a path is refused at 108 bytes and not at 107")
    func length() {
        let filler = 107 - directory.path.utf8.count - 1
        let longest = directory.file(String(repeating: "x", count: filler))
        #expect(longest.utf8.count == 107)
        #expect(code(longest) == nil)
        #expect(code(longest + "x") == .pathTooLong)
    }

    @Test("the file has the mode asked for, whatever the umask", arguments: [0o600, 0o660, 0o666])
    func mode(_ mode: UInt32) throws {
        let path = directory.file("egd-\(mode)")
        let running = try server(path, mode: mode)
        var file = stat()
        #expect(lstat(path, &file) == 0)
        #expect(file.st_mode & 0o7777 == mode)
        running.stop()
    }

    @Test("the file is removed at the end, unless it is another one by then")
    func removal() throws {
        let path = directory.file("egd.sock")
        let first = try server(path)
        #expect(access(path, F_OK) == 0)
        first.stop()
        #expect(access(path, F_OK) != 0)

        let second = try server(path)
        unlink(path)
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        second.stop()
        #expect(access(path, F_OK) == 0)
    }

    @Test("a missing directory is an error with its reason")
    func missingDirectory() {
        do throws(EGDError) {
            _ = try server("/nonexistent/egd.sock")
            Issue.record("bound in a directory that does not exist")
        } catch {
            #expect(error.number == ENOENT)
            #expect(error.description.contains("/nonexistent/egd.sock"))
        }
    }
}
