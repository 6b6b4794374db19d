// A user by numbers, looked up without the C library's name services.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// User and group to run as.
package struct UserIdentity: Equatable, Sendable {
    package var uid: UInt32
    package var gid: UInt32

    package init(uid: UInt32, gid: UInt32) {
        self.uid = uid
        self.gid = gid
    }

    /// `text` is "UID:GID" or a name of `passwd`, the text of /etc/passwd. The C library's own look-up
    /// would load name service modules, which a static program cannot.
    package init?(_ text: String, passwd: String) {
        let numbers = text.split(separator: ":", omittingEmptySubsequences: false)
        if numbers.count == 2, let uid = UInt32(numbers[0]), let gid = UInt32(numbers[1]) {
            self.init(uid: uid, gid: gid)
            return
        }
        for line in passwd.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count >= 4, fields[0] == text[...], let uid = UInt32(fields[2]),
                let gid = UInt32(fields[3])
            else { continue }
            self.init(uid: uid, gid: gid)
            return
        }
        return nil
    }

    /// The user that an option names; nil without one.
    static func named(_ name: String?) throws(PrivilegeError) -> UserIdentity? {
        guard let name else { return nil }
        guard let identity = UserIdentity(name, passwd: readPasswd()) else {
            throw PrivilegeError(
                description: "There is no user \(name) in /etc/passwd. "
                    + "Users of other directories can be given as UID:GID."
            )
        }
        return identity
    }
}

private func readPasswd() -> String {
    let file = open("/etc/passwd", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var text: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(file, &part, part.count)
        guard count > 0 else { break }
        text += part[..<count]
    }
    return String(decoding: text, as: UTF8.self)
}
