// Who a connection belongs to, as far as the kernel tells.
// SPDX-License-Identifier: Apache-2.0

package import LinuxSystem

/// One client: what shares a turn, a quota and an account, however many connections it has.
package enum ClientIdentity: Hashable, Sendable, CustomStringConvertible {
    case user(UInt32)
    case process(Int32, user: UInt32)
    case host(InternetHost)
    /// A socket that the kernel tells nothing about; all such are one client.
    case unknown

    package var description: String {
        switch self {
        case .user(let user): "uid \(user)"
        case .process(let process, let user): "pid \(process) (uid \(user))"
        case .host(let host): "\(host)"
        case .unknown: "unknown"
        }
    }
}
