// Where a stream server is reached, as people write it: a Unix socket's path, or a host and a port.
// SPDX-License-Identifier: Apache-2.0

/// An address of a stream socket. Nothing is known about whether somebody listens there.
package enum StreamEndpoint: Hashable, Sendable {
    /// A path, or with a leading "@" a name of the abstract name space.
    case unix(path: String)
    /// A host's name or number. IPv6 without brackets.
    case tcp(host: String, port: UInt16)

    /// `unix:/path`, `/path`, `tcp://host:port` or `tcp://[IPv6]:port`; nil for anything else.
    package init?(text: String) {
        if text.hasPrefix("/") || text.hasPrefix(Self.unixScheme + "/") {
            let path = text.hasPrefix("/") ? text : String(text.dropFirst(Self.unixScheme.count))
            guard path.utf8.count <= UnixAddress.longestPath, !path.hasSuffix("/"),
                !path.utf8.contains(0)
            else { return nil }
            self = .unix(path: path)
            return
        }
        guard text.hasPrefix(Self.tcpScheme) else { return nil }
        let rest = text.dropFirst(Self.tcpScheme.count)
        guard let colon = rest.lastIndex(of: ":"), let port = portNumber(rest[colon...].dropFirst())
        else { return nil }
        var host = rest[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard isIPv6(host) else { return nil }
        } else {
            guard isHostName(host) else { return nil }
        }
        self = .tcp(host: String(host), port: port)
    }

    /// The end of a sentence that refuses a text.
    package static let form = "write tcp://HOST:PORT, tcp://[IPv6]:PORT or unix:/PATH"

    fileprivate static let unixScheme = "unix:"
    fileprivate static let tcpScheme = "tcp://"
}

extension StreamEndpoint: CustomStringConvertible {
    /// What ``init(text:)`` reads back, in its long form.
    package var description: String {
        switch self {
        case .unix(let path): Self.unixScheme + path
        case .tcp(let host, let port):
            host.contains(":")
                ? "\(Self.tcpScheme)[\(host)]:\(port)" : "\(Self.tcpScheme)\(host):\(port)"
        }
    }
}

private func portNumber(_ text: Substring) -> UInt16? {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy(isDigit),
        let port = UInt16(text), port > 0
    else { return nil }
    return port
}

/// Letters, digits, hyphens, dots and underscores: what hosts are called, and dotted IPv4 numbers.
private func isHostName(_ text: Substring) -> Bool {
    (1...longestHostName).contains(text.utf8.count) && text.first != "-"
        && text.utf8.allSatisfy { isDigit($0) || isLetter($0) || "-._".utf8.contains($0) }
}

/// Hexadecimal groups, maybe an IPv4 tail, maybe a zone (RFC 4007). The resolver judges the rest.
private func isIPv6(_ text: Substring) -> Bool {
    let parts = text.split(separator: "%", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), text.utf8.count <= longestHostName,
        parts[0].utf8.count(where: { $0 == UInt8(ascii: ":") }) >= 2,
        parts[0].utf8.allSatisfy({ isHexadecimal($0) || ":.".utf8.contains($0) })
    else { return false }
    guard parts.count == 2 else { return true }
    return !parts[1].isEmpty
        && parts[1].utf8.allSatisfy { isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "-") }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

private func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x66).contains(byte | 0x20)
}

/// Bytes of a host's name in text form (RFC 1035 section 2.3.4: 255 octets on the wire).
private let longestHostName = 253
