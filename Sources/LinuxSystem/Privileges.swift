// Giving privileges up: before the first thread starts, because Linux keeps them per thread.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

/// A user and group to become.
package struct Identity: Sendable, Equatable {
    package var userName: String
    package var userID: UInt32
    package var groupID: UInt32

    /// The first of `names` that the system knows; nil when it knows none.
    package static func first(of names: [String]) -> Identity? {
        for name in names {
            if let entry = getpwnam(name) {
                return Identity(
                    userName: name,
                    userID: entry.pointee.pw_uid,
                    groupID: entry.pointee.pw_gid
                )
            }
        }
        return nil
    }

    /// The name of the user this process is; its number where it has none.
    package static var currentUserName: String {
        getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(geteuid())"
    }

    /// The group id of a group name; nil when the system does not know it.
    package static func groupID(named name: String) -> UInt32? {
        getgrnam(name).map { $0.pointee.gr_gid }
    }
}

package enum Privileges {
    package static var isRoot: Bool { geteuid() == 0 }

    /// Whether this thread may use RNDADDENTROPY, as far as the process can know. Inside a user
    /// namespace the kernel may still answer EPERM.
    package static var hasSystemAdministration: Bool {
        ws_effective_capabilities() & administration != 0
    }

    /// Becomes `identity` (nil: stays), keeps only the capabilities in `kept`, and makes sure that no
    /// later execve can gain any. Must be called while the process has one thread.
    package static func drop(
        to identity: Identity?,
        keepingSystemAdministration kept: Bool
    ) throws(SystemError) {
        let wanted = kept ? administration : 0
        if let identity, isRoot {
            guard ws_keep_capabilities(kept) == 0 else {
                throw SystemError("keep a capability over the change of user")
            }
            guard setgroups(0, nil) == 0 else { throw SystemError("give up supplementary groups") }
            guard setgid(identity.groupID) == 0 else {
                throw SystemError("become group \(identity.groupID)")
            }
            guard setuid(identity.userID) == 0 else {
                throw SystemError("become user \(identity.userName)")
            }
        }
        guard ws_set_capabilities(wanted) == 0 else {
            throw SystemError("reduce the capabilities of this process")
        }
        guard ws_no_new_privileges() == 0 else { throw SystemError("set no_new_privs") }
        guard ws_set_undumpable() == 0 else { throw SystemError("forbid core dumps") }
    }

    private static let administration = UInt64(1) << UInt64(WS_CAP_SYS_ADMIN)
}
