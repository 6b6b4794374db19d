// A folder for the sockets of one command, so that it does not meet a running daemon's.
// SPDX-License-Identifier: Apache-2.0

package import Configuration
internal import Glibc
internal import LinuxSystem

/// Made with a name that nobody else has, for the user that a ``Service`` with `configuration` becomes;
/// removed by ``remove()``, by when the sockets in it must be gone.
package struct PrivateFolder: Sendable {
    package let path: AbsolutePath

    /// In the run directory, which is made where it does not exist.
    package init(in directories: RuntimeDirectories) throws {
        let identity = Privileges.isRoot ? try Service.standardIdentity() : nil
        try RuntimeFolders.prepare(directories.run.text, owner: identity)
        var name = Array(directories.run.appending("feed-XXXXXX").text.utf8CString)
        guard mkdtemp(&name) != nil else {
            throw SystemError(
                "create a folder in \(directories.run)",
                hint: "Can this user write there?"
            )
        }
        let text = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let path = AbsolutePath(text) else {
            preconditionFailure("a folder in an absolute path has an absolute path")
        }
        self.path = path
        guard let identity else { return }
        guard chown(text, identity.userID, identity.groupID) == 0 else {
            let error = SystemError("give \(text) to user \(identity.description)")
            remove()
            throw error
        }
    }

    /// The folder alone, never what somebody put into it.
    package func remove() { rmdir(path.text) }
}
