// Listeners as an operator writes them.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import LinuxSystem
import Testing

@Suite("Listener configuration")
struct ListenerTests {
    private func listeners(_ text: String) throws -> [Listener] {
        try parse(text).listeners
    }

    @Test("a rack's listener has an address, hosts and rates")
    func rack() throws {
        let listener = try #require(
            listeners(
                """
                listeners:
                  rack:
                    address: 192.0.2.1:8888
                    allow: [192.0.2.0/24, 10.1.2.3]
                    client-rate: 64KiB
                    client-burst: 4KiB
                    total-rate: 1MB
                    max-connections-per-client: 8
                """
            ).first
        )
        #expect(listener.address == InternetAddress(text: "192.0.2.1:8888"))
        #expect(listener.path == nil)
        #expect(listener.quality == .fullEntropy)
        #expect(listener.allowedHosts.map(\.description) == ["192.0.2.0/24", "10.1.2.3"])
        #expect(listener.clientRate?.byteCount == 65_536)
        #expect(listener.clientBurst?.byteCount == 4_096)
        #expect(listener.totalRate?.byteCount == 1_000_000)
        #expect(listener.totalBurst == nil)
        #expect(listener.maximumConnectionsPerClient == 8)
    }

    @Test(
        "a port alone is on this machine, IPv6 stands in brackets",
        arguments: [
            ("8888", "127.0.0.1:8888"), ("127.0.0.2:1", "127.0.0.2:1"),
            ("\"[::1]:8888\"", "[::1]:8888"), ("\"[0:0::1]:8888\"", "[::1]:8888"),
            ("\"[::ffff:127.0.0.1]:8888\"", "127.0.0.1:8888"),
        ]
    )
    func addresses(_ text: String, _ address: String) throws {
        let read = try listeners("listeners: { rack: { address: \(text) } }")
        #expect(read.map { $0.address?.description } == [address])
    }

    @Test("lists are YAML lists or one line with commas")
    func lists() throws {
        let texts = ["[alice, \"33\"]", "alice, 33", "[alice,33]", "\n    - alice\n    - 33"]
        for text in texts {
            let read = try listeners("listeners:\n  guests:\n    allow-users: \(text)\n")
            #expect(read[0].allowedUsers.map(\.text) == ["alice", "33"], "\(text)")
        }
        #expect(try listeners("listeners: { a: { allow-users: [] } }")[0].allowedUsers == [])
    }

    @Test("a socket for guests")
    func guests() throws {
        let text = """
            listeners:
              guests: {clients: process, greeting: 64, allow-groups: kvm, trusted-writers: root}
            """
        let listener = try #require(listeners(text).first)
        #expect(listener.clients == .process)
        #expect(listener.greeting == 64)
        #expect(listener.allowedGroups.map(\.text) == ["kvm"])
        #expect(listener.trustedWriters.map(\.text) == ["root"])
        #expect(listener.path?.text == "/run/wellspring/guests.sock")
    }

    @Test("the feeder reads where no greeting comes first, and over Unix")
    func feeder() throws {
        let text = """
            listeners:
              guests: {greeting: 64}
              rack: {address: 8888}
              drbg:
              egd:
            """
        #expect(try parse(text).feederListener?.name == "egd")
        #expect(try parse("listeners: {rack: {address: 8888}}").feederListener == nil)
    }
}
