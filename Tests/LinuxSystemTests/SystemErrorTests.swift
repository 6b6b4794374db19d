// The words of a failed system call.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxSystem
import Testing

@Suite("SystemError")
struct SystemErrorTests {
    @Test("action, reason and hint make a sentence each")
    func description() {
        let error = SystemError("open it", code: ENOENT, hint: "Look elsewhere.")
        #expect(error.description == "cannot open it: No such file or directory. Look elsewhere.")
        #expect(SystemError("do it", code: EPERM).description.hasSuffix("permitted."))
    }

    @Test("a number that the library does not know is told as such")
    func unknown() {
        #expect(errorText(99_999).contains("99999"))
    }
}
