// Users and groups by name or number, looked up without the C library's name services.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// User and group to run as. The C library's own look-up would load name service modules, which a
/// static program cannot; users of other directories are named by numbers.
package struct UserIdentity: Equatable, Sendable {
    package let userID: UInt32
    package let groupID: UInt32
    /// Nil when only numbers are known.
    package let userName: String?

    package init(userID: UInt32, groupID: UInt32, userName: String? = nil) {
        self.userID = userID
        self.groupID = groupID
        self.userName = userName
    }

    /// `text` is a user's name or number in `passwd`, the text of /etc/passwd, or "UID:GID", which
    /// need not be there. A name goes before a number.
    package init?(_ text: String, passwd: String) {
        let numbers = text.split(separator: ":", omittingEmptySubsequences: false)
        if numbers.count == 2, let userID = UInt32(numbers[0]), let groupID = UInt32(numbers[1]) {
            self.init(userID: userID, groupID: groupID)
            return
        }
        let users = entries(of: passwd).compactMap { fields -> UserIdentity? in
            guard fields.count >= 4, let userID = UInt32(fields[2]),
                let groupID = UInt32(fields[3])
            else { return nil }
            return UserIdentity(userID: userID, groupID: groupID, userName: String(fields[0]))
        }
        guard
            let user = users.first(where: { $0.userName == text })
                ?? UInt32(text).flatMap({ number in users.first { $0.userID == number } })
        else { return nil }
        self = user
    }

    /// The number of a group named in `groups`, the text of /etc/group, or of any group given as a
    /// number. A name goes before a number.
    package static func groupID(_ text: String, groups: String) -> UInt32? {
        for fields in entries(of: groups) where fields.count >= 3 && fields[0] == text[...] {
            if let groupID = UInt32(fields[2]) { return groupID }
        }
        return UInt32(text)
    }

    /// Name, or number where there is none.
    package var description: String { userName ?? "\(userID)" }
}

// MARK: - This system

extension UserIdentity {
    /// The first of `names` that /etc/passwd has; nil when it has none.
    package static func first(of names: [String]) -> UserIdentity? {
        let passwd = systemText("/etc/passwd")
        return names.lazy.compactMap { UserIdentity($0, passwd: passwd) }.first
    }

    /// The number of a user's name in /etc/passwd, or of any user given as a number.
    package static func userID(named name: String) -> UInt32? {
        first(of: [name])?.userID ?? UInt32(name)
    }

    /// The number of a group's name in /etc/group, or of any group given as a number.
    package static func groupID(named name: String) -> UInt32? {
        groupID(name, groups: systemText("/etc/group"))
    }

    /// The user and group this process is.
    package static var current: UserIdentity {
        UserIdentity(
            userID: geteuid(),
            groupID: getegid(),
            userName: first(of: ["\(geteuid())"])?.userName
        )
    }

    private static func systemText(_ path: String) -> String {
        SystemTree().contents(path) ?? ""
    }
}

/// The fields of each line of passwd(5) or group(5).
private func entries(of text: String) -> some Sequence<[Substring]> {
    text.split(separator: "\n").lazy.map {
        $0.split(separator: ":", omittingEmptySubsequences: false)
    }
}
