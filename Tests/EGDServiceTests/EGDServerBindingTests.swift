// Binding: what its failures are called.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import EGDService
import Glibc
import Testing
import WellspringTesting

@Suite("EGDServer binding")
struct EGDServerBindingTests {
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
