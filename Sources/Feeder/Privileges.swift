// Giving up everything but the one capability that feeding needs (capabilities(7)).
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

enum Privileges {
    /// Leaves this process with CAP_SYS_ADMIN at most, as `user` if one is named, without any way to
    /// gain more, and without core dumps. Call it before any thread exists.
    ///
    /// A process without the capability stays without it; the kernel's refusal then tells.
    static func reduce(toUser user: UserIdentity?) throws(PrivilegeError) {
        let kept = ws_effective_capabilities() & (1 << UInt64(WS_CAP_SYS_ADMIN))
        if let user, user.uid != geteuid() || user.gid != getegid() {
            try check(ws_keep_capabilities(true), "keep its capability")
            try check(setgroups(0, nil), "leave its groups")
            try check(setgid(user.gid), "become group \(user.gid)")
            try check(setuid(user.uid), "become user \(user.uid)")
        }
        try check(ws_set_capabilities(kept), "give up its capabilities")
        try check(ws_no_new_privileges(), "renounce new privileges")
        // A change of user or capabilities sets this anew by a system setting: last.
        try check(ws_set_undumpable(), "forbid core dumps")
    }

    private static func check(_ result: Int32, _ action: String) throws(PrivilegeError) {
        guard result == 0 else {
            throw PrivilegeError(
                description: "The feeder could not \(action): \(lastErrorText()). "
                    + "It does not run with more privileges than it was meant to have."
            )
        }
    }
}

struct PrivilegeError: Error, CustomStringConvertible {
    var description: String
}
