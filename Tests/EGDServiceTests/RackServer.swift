// A server on TCP, whose clients are told apart by their source addresses: 127.0.0.1, 127.0.0.2, ...
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import EGDProtocol
import EGDService
import Glibc
import LinuxSystem
import Testing

/// A running server with one listener on a port of 127.0.0.1 that the system chose.
final class RackServer: Sendable {
    let tap: ScriptedTap
    let server: EGDServer
    let port: UInt16

    init(
        _ tap: ScriptedTap,
        chain: SharedChain? = nil,
        loopCount: Int = 1,
        change: (inout EGDListenerConfiguration) -> Void = { _ in }
    ) throws {
        self.tap = tap
        let loopback = try #require(InternetAddress(text: "127.0.0.1:0"))
        var listener = EGDListenerConfiguration(
            name: "rack",
            address: .internet(loopback),
            tap: tap
        )
        change(&listener)
        var nothing = EGDHandOver()
        server = try EGDServer(
            listeners: [listener],
            inheriting: &nothing,
            loopCount: loopCount,
            chain: chain
        )
        port = try #require(InternetAddress(text: server.statistics[0].address)).port
        try server.start()
    }

    deinit { server.stop() }

    func supply(_ byteCount: Int) {
        tap.supply(byteCount)
        server.wake()
    }

    var statistics: EGDListenerStatistics { server.statistics[0] }

    func account(ofHost number: Int) -> EGDClientStatistics? {
        statistics.clients.first { $0.identity.description == "127.0.0.\(number)" }
    }

    /// A connection from 127.0.0.`host`.
    func connect(fromHost host: Int = 1, receiveBuffer: Int32? = nil) throws -> BareClient {
        try BareClient.connected(
            from: "127.0.0.\(host)",
            to: port,
            receiveBuffer: receiveBuffer
        )
    }
}

extension BareClient {
    /// A connection from an address of this machine to a port of 127.0.0.1.
    static func connected(
        from host: String,
        to port: UInt16,
        receiveBuffer: Int32? = nil
    ) throws -> BareClient {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let client = BareClient(descriptor)
        if let receiveBuffer { socketOption(descriptor, SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
        let own = try #require(InternetAddress(text: "\(host):0"))
        try #require(own.withSocketAddress { bind(descriptor, $0, $1) } == 0)
        let there = try #require(InternetAddress(text: "127.0.0.1:\(port)"))
        guard there.withSocketAddress({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
            throw NotConnected(number: errno)
        }
        return client
    }
}
