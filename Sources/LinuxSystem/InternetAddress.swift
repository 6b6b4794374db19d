// Numeric internet addresses: one host, one host with a port, a range of hosts (RFC 4291, RFC 4632).
// SPDX-License-Identifier: Apache-2.0

package import Glibc

/// A numeric IPv4 or IPv6 address. An IPv4 address inside IPv6 (::ffff:a.b.c.d) is the IPv4 address.
package struct InternetHost: Hashable, Sendable, CustomStringConvertible {
    package let isIPv6: Bool
    /// The address as a number, most significant half first; an IPv4 address in the low 32 bits.
    fileprivate let high: UInt64
    fileprivate let low: UInt64

    /// Nil for anything but a complete numeric address.
    package init?(text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(four)
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            self.init(six)
        } else {
            return nil
        }
    }

    fileprivate init(_ address: in_addr) {
        (isIPv6, high, low) = (false, 0, UInt64(UInt32(bigEndian: address.s_addr)))
    }

    fileprivate init(_ address: in6_addr) {
        let (high, low) = withUnsafeBytes(of: address) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        let isMapped = high == 0 && low >> 32 == 0xFFFF
        self.isIPv6 = !isMapped
        self.high = high
        self.low = isMapped ? low & 0xFFFF_FFFF : low
    }

    /// 127.0.0.0/8 and ::1.
    package var isLoopback: Bool { isIPv6 ? high == 0 && low == 1 : low >> 24 == 127 }

    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        if isIPv6 {
            var address = six
            inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
        } else {
            var address = four
            inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
        }
        return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    fileprivate var four: in_addr { in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian) }

    fileprivate var six: in6_addr {
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) { bytes in
            bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }

    /// Bits of an address of this family.
    fileprivate var width: Int { isIPv6 ? 128 : 32 }

    /// The address with all bits after the first `length` cleared.
    fileprivate func prefix(_ length: Int) -> InternetHost {
        let dropped = width - length
        return InternetHost(
            isIPv6: isIPv6,
            high: high & (UInt64.max << max(0, dropped - 64)),
            low: low & (UInt64.max << dropped)
        )
    }

    private init(isIPv6: Bool, high: UInt64, low: UInt64) {
        (self.isIPv6, self.high, self.low) = (isIPv6, high, low)
    }
}

/// A numeric address with a TCP port: `127.0.0.1:8888`, `[::1]:8888`.
package struct InternetAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: InternetHost
    /// 0: any free one.
    package let port: UInt16

    package init(host: InternetHost, port: UInt16) {
        (self.host, self.port) = (host, port)
    }

    /// Nil for anything but a numeric host, in brackets where it is IPv6, and a port in decimal.
    package init?(text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        var name = text[..<colon]
        let isBracketed = name.first == "[" && name.last == "]"
        if isBracketed { name = name.dropFirst().dropLast() }
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits),
            let host = InternetHost(text: String(name)), name.contains(":") == isBracketed
        else { return nil }
        self.init(host: host, port: port)
    }

    /// The address of a socket; nil for another family than AF_INET and AF_INET6.
    package init?(_ storage: sockaddr_storage) {
        var storage = storage
        let family = Int32(storage.ss_family)
        let result: (InternetHost, in_port_t)? = withUnsafePointer(to: &storage) { pointer in
            let raw = UnsafeRawPointer(pointer)
            switch family {
            case AF_INET:
                let address = raw.load(as: sockaddr_in.self)
                return (InternetHost(address.sin_addr), address.sin_port)
            case AF_INET6:
                let address = raw.load(as: sockaddr_in6.self)
                return (InternetHost(address.sin6_addr), address.sin6_port)
            default: return nil
            }
        }
        guard let (host, port) = result else { return nil }
        self.init(host: host, port: UInt16(bigEndian: port))
    }

    package var description: String { host.isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    package var family: Int32 { host.isIPv6 ? AF_INET6 : AF_INET }

    /// Calls `body` with the address as bind(2) and connect(2) want it.
    package func withSocketAddress<R>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) -> R {
        if host.isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = host.six
            return Self.rebound(&address, body)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = host.four
        return Self.rebound(&address, body)
    }

    private static func rebound<Address, R>(
        _ address: inout Address,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) -> R {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}

/// A range of hosts: `10.0.0.0/8`, `fd00::/8`, or one address.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    package let base: InternetHost
    package let prefixLength: Int

    /// Nil for anything else, and where `base` has bits after its prefix, which is a slip of the pen.
    package init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let base = InternetHost(text: String(parts[0])) else {
            return nil
        }
        var length = base.width
        if parts.count == 2 {
            guard let number = Int(parts[1]), (0...base.width).contains(number),
                String(number) == parts[1]
            else { return nil }
            length = number
        }
        guard base.prefix(length) == base else { return nil }
        (self.base, prefixLength) = (base, length)
    }

    package func contains(_ host: InternetHost) -> Bool {
        host.isIPv6 == base.isIPv6 && host.prefix(prefixLength) == base
    }

    package var description: String {
        prefixLength == base.width ? "\(base)" : "\(base)/\(prefixLength)"
    }
}
