// The sockets of a server as named descriptors, for a service manager or a successor to keep.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import EGDProtocol
internal import EGDService
internal import Glibc
internal import LinuxSystem

/// Groups of descriptors under one name each: one per listener, all connections, and a file in memory
/// with a line for each connection. A connection is found again by its socket's inode number, which
/// goes with it from process to process.
struct HandOverParcel: ~Copyable {
    struct Group {
        var name: String
        var descriptors: [Int32]
    }

    private(set) var groups: [Group] = []
    private let record: Int32

    /// Borrows the descriptors of `handOver`.
    init(_ handOver: EGDHandOver) throws(SystemError) {
        var lines = ""
        for connection in handOver.connections {
            guard let inode = inode(of: connection.descriptor) else { continue }
            lines += "\(inode) \(connection.listener) \(connection.state.text)\n"
        }
        record = ws_memory_file("wellspring")
        guard record >= 0 else { throw SystemError("make a file in memory") }
        let bytes = Array(lines.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                write(record, $0.baseAddress, $0.count)
            }
            guard count > 0 else { throw SystemError("write to a file in memory") }
            written += count
        }
        for listener in handOver.listeners {
            let prefix = listener.isOwn ? Self.listenerPrefix : Self.foreignPrefix
            let name = prefix + (listener.name ?? "unknown")
            groups.append(Group(name: name, descriptors: [listener.descriptor]))
        }
        groups.append(
            Group(name: Self.connectionsName, descriptors: handOver.connections.map(\.descriptor))
        )
        groups.append(Group(name: Self.recordName, descriptors: [record]))
    }

    deinit { if record >= 0 { close(record) } }

    /// From what was passed, in any order. What is none of ours and listens is a socket unit's socket;
    /// anything else is closed.
    static func unpack(_ passed: [PassedDescriptor]) -> EGDHandOver {
        var handOver = EGDHandOver()
        var lines: [UInt64: (listener: String, state: EGDConnectionState)] = [:]
        for record in passed where record.name == recordName {
            for line in text(of: record.descriptor).split(separator: "\n") {
                let words = line.split(separator: " ")
                guard words.count == 3, let inode = UInt64(words[0]),
                    let state = EGDConnectionState(text: words[2])
                else { continue }
                lines[inode] = (String(words[1]), state)
            }
            close(record.descriptor)
        }
        for one in passed where one.name != recordName {
            if SocketName.isListening(one.descriptor) {
                let isOwn = one.name.hasPrefix(listenerPrefix)
                let prefix = [listenerPrefix, foreignPrefix].first { one.name.hasPrefix($0) }
                let name = String(one.name.dropFirst(prefix?.count ?? 0))
                handOver.listeners.append(
                    EGDHandedListener(descriptor: one.descriptor, name: name, isOwn: isOwn)
                )
            } else if let inode = inode(of: one.descriptor), let line = lines[inode] {
                _ = fcntl(one.descriptor, F_SETFL, fcntl(one.descriptor, F_GETFL) | O_NONBLOCK)
                handOver.connections.append(
                    EGDHandedConnection(
                        descriptor: one.descriptor,
                        listener: line.listener,
                        state: line.state
                    )
                )
            } else {
                close(one.descriptor)
            }
        }
        return handOver
    }

    /// Whether a name is one that this program gave.
    static func isOwn(_ name: String) -> Bool {
        name.hasPrefix(listenerPrefix) || name.hasPrefix(foreignPrefix) || name == connectionsName
            || name == recordName
    }

    private static func text(of descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < greatestRecord {
            let count = pread(descriptor, &chunk, chunk.count, off_t(bytes.count))
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let listenerPrefix = "wellspring-listener-"
    /// Of a listener whose socket a socket unit made, and whose file is not ours.
    private static let foreignPrefix = "wellspring-unit-"
    private static let connectionsName = "wellspring-clients"
    private static let recordName = "wellspring-record"
    /// Bytes: 65,536 connections with the queues that all together may have.
    private static let greatestRecord = 64 << 20
}

private func inode(of descriptor: Int32) -> UInt64? {
    var facts = stat()
    return fstat(descriptor, &facts) == 0 ? UInt64(facts.st_ino) : nil
}
