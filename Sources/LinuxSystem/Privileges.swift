// Giving up everything but the one capability that feeding needs (capabilities(7)).
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

/// Linux keeps privileges per thread: call these before the first thread starts.
package enum Privileges {
    package static var isRoot: Bool { geteuid() == 0 }

    /// Whether this thread may use RNDADDENTROPY, as far as the process can know. Inside a user
    /// namespace the kernel may still answer EPERM.
    package static var hasSystemAdministration: Bool {
        ws_effective_capabilities() & administration != 0
    }

    /// Becomes `identity` (nil: stays), keeps at most CAP_SYS_ADMIN and that only where wanted and
    /// had, and makes sure that no later execve can gain any and that no core is dumped.
    ///
    /// A process without the capability stays without it; the kernel's refusal then tells.
    package static func drop(
        to identity: UserIdentity?,
        keepingSystemAdministration isKept: Bool
    ) throws(SystemError) {
        let kept = isKept ? ws_effective_capabilities() & administration : 0
        if let identity, identity.userID != geteuid() || identity.groupID != getegid() {
            try check(ws_keep_capabilities(isKept), "keep a capability over the change of user")
            try check(setgroups(0, nil), "leave the supplementary groups")
            try check(setgid(identity.groupID), "become group \(identity.groupID)")
            try check(setuid(identity.userID), "become user \(identity.description)")
        }
        try check(ws_set_capabilities(kept), "give up capabilities")
        try check(ws_no_new_privileges(), "renounce new privileges")
        // A change of user or capabilities sets this anew by a system setting: last.
        try check(ws_set_undumpable(), "forbid core dumps")
    }

    private static func check(_ result: Int32, _ action: String) throws(SystemError) {
        guard result == 0 else {
            throw SystemError(
                action,
                hint: "Wellspring does not run with more privileges than it was meant to have."
            )
        }
    }

    private static let administration = UInt64(1) << UInt64(WS_CAP_SYS_ADMIN)
}
