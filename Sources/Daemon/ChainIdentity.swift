// Who this daemon is among daemons that read from each other.
// SPDX-License-Identifier: Apache-2.0

internal import EGDProtocol
internal import Glibc
internal import LinuxSystem

extension EGDNode {
    /// The host's name, and a number that no other running daemon is likely to have: two of a thousand
    /// share one with a probability of 1 in 9,000. It is no secret and made without asking for random
    /// bytes, which might have to be waited for.
    static func ofThisProcess(tree: SystemTree = SystemTree()) -> EGDNode {
        let boot = tree.text("/proc/sys/kernel/random/boot_id") ?? ""
        let machine = tree.text("/etc/machine-id") ?? ""
        let facts = "\(boot) \(machine) \(getpid()) \(SystemClock.awakeNanoseconds)"
        let hash = fnv1a(facts.utf8)
        return EGDNode(
            identifier: UInt32(truncatingIfNeeded: hash ^ hash >> 32),
            name: hostName() ?? "-"
        )
    }
}

/// Up to the first dot.
private func hostName() -> String? {
    var name = [CChar](repeating: 0, count: Int(HOST_NAME_MAX) + 1)
    guard gethostname(&name, name.count - 1) == 0 else { return nil }
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self)
}

/// FNV-1a, 64 bits (RFC 9923): spreads, and is not meant to withstand anybody.
private func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
}
