// The folders that sockets live in.
// SPDX-License-Identifier: Apache-2.0

internal import Configuration
internal import Glibc
internal import LinuxSystem

enum RuntimeFolders {
    /// Makes the parent folder of each socket where it does not exist, owned by `owner`, so that the
    /// daemon can remove its sockets after it has given up root. An existing folder stays as it is,
    /// except that a folder of the daemon's own name is given to `owner`.
    static func prepare(_ configuration: Configuration, owner: UserIdentity?) throws(SystemError) {
        let paths =
            configuration.listeners.compactMap { $0.path?.text } + [configuration.control.path.text]
        for folder in Set(paths.map { parent(of: $0) }) { try prepare(folder, owner: owner) }
    }

    /// Makes one such folder.
    static func prepare(_ folder: String, owner: UserIdentity?) throws(SystemError) {
        let made = mkdir(folder, Privileges.isRoot ? 0o755 : 0o700) == 0
        guard made || errno == EEXIST else {
            throw SystemError(
                "create the folder \(folder)",
                hint: "Create it, or configure another path."
            )
        }
        guard let owner, made || folder.hasSuffix("/wellspring") else { return }
        guard chown(folder, owner.userID, owner.groupID) == 0 else {
            throw SystemError("give \(folder) to user \(owner.description)")
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
