// Clients that mean harm: the bounds hold, the others go on, everything is counted.
// SPDX-License-Identifier: Apache-2.0

import EGDService
import Glibc
import LinuxSystem
import Testing
import WellspringTesting

@Suite("EGDServer and hostile clients", .timeLimit(.minutes(3)))
struct HostileClientTests {
    @Test("every unknown command closes its connection and is counted")
    func unknownCommands() throws {
        let rack = try RackServer(ScriptedTap(available: 8))
        for command in UInt8(5)...255 {
            let client = try rack.connect(fromHost: 2)
            try client.send([command, 2, 8])
            #expect((try? client.receiveOnce(upTo: 1))?.isEmpty != false)
        }
        #expect(eventually { rack.statistics.protocolErrors == 251 })
        #expect(rack.tap.taken == 0)
        #expect(eventually { rack.statistics.connections == 0 })
    }

    @Test("a reset in the middle of replies frees everything")
    func resets() throws {
        let rack = try RackServer(ScriptedTap(available: 10_000_000))
        let innocent = try rack.connect(fromHost: 3)
        for round in 0..<50 {
            let client = try rack.connect(fromHost: 2)
            _ = client.trySend(Array(repeating: [2, 255] as [UInt8], count: 500).flatMap { $0 })
            _ = try client.receiveOnce(upTo: 100)
            client.reset()
            try innocent.send([2, 32])
            #expect(try innocent.receive(32).count == 32, "round \(round)")
        }
        #expect(eventually { rack.statistics.connections == 1 })
        #expect(
            eventually {
                let all = rack.statistics
                return rack.tap.taken == all.deliveredByteCount + all.lostByteCount
            }
        )
    }

    @Test("whoever takes no replies runs out of room before the others do")
    func slots() throws {
        raiseDescriptorLimit()
        let rack = try RackServer(ScriptedTap(available: 1 << 30))
        let requests = Array(repeating: [2, 255] as [UInt8], count: 256).flatMap { $0 }
        let slow = try rack.connect(fromHost: 3, receiveBuffer: 2_048)
        var crowd: [BareClient] = []
        func block(_ client: BareClient) throws {
            // Until the server reads no more from it: its replies fill all buffers.
            for _ in 0..<8 where client.trySend(requests) > 0 {}
        }
        try block(slow)
        while rack.statistics.evictedConnections == 0, crowd.count < 2_000 {
            crowd.append(try rack.connect(fromHost: 2, receiveBuffer: 2_048))
            try block(crowd[crowd.count - 1])
        }
        #expect(eventually { rack.statistics.evictedConnections > 0 })
        #expect(crowd.count >= 1_023)
        let crowdAccount = try #require(rack.account(ofHost: 2))
        #expect(crowdAccount.lostByteCount > 0)
        #expect(rack.account(ofHost: 3)?.lostByteCount == 0)
        #expect(rack.account(ofHost: 3)?.connections == 1)
        let innocent = try rack.connect(fromHost: 4)
        try innocent.send([2, 64])
        #expect(try innocent.receive(64).count == 64)
    }

    @Test("when all together have asked far ahead, each may ask a little, and all are served")
    func queues() throws {
        raiseDescriptorLimit()
        let rack = try RackServer(ScriptedTap())
        // 4,096 requests each: 300 connections are above the million that all may have.
        let burst = [UInt8](repeating: 0, count: 4_200)
        let crowd = try (0..<300).map { _ in try rack.connect(fromHost: 2) }
        for client in crowd {
            try client.send([2, 1])
            _ = client.trySend(burst)
        }
        let late = try rack.connect(fromHost: 3)
        try late.send(Array(repeating: [2, 1] as [UInt8], count: 40).flatMap { $0 })
        #expect(eventually { rack.statistics.waitingClients == 301 })
        rack.supply(300 + 40)
        #expect(try late.receive(40).count == 40)
        for client in crowd { _ = try client.receive(1 + 4_096 * 4) }
    }

    @Test("clients that come and go as fast as they can do not hold the others up")
    func connects() throws {
        let running = try RunningServer(ScriptedTap(available: 1 << 30))
        let attackers = (0..<3).map { _ in
            Worker {
                for _ in 0..<10_000 {
                    let client = BareClient()
                    // A full backlog refuses: that, too, is fast.
                    try? client.connect(running.path)
                }
            }
        }
        let innocent = try BareClient(running.path)
        var longest = Duration.zero
        for _ in 0..<2_000 {
            let began = SystemClock.awake
            try innocent.send([2, 32])
            #expect(try innocent.receive(32).count == 32)
            longest = max(longest, SystemClock.awake - began)
        }
        for attacker in attackers { attacker.join() }
        #expect(longest < .seconds(2), "\(longest)")
        #expect(eventually { running.statistics.connections == 1 })
        #expect(running.statistics.acceptedConnections > 1_000)
    }
}

extension BareClient {
    /// Ends the connection with a reset, as a crashing host's kernel does.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_LINGER,
            &now,
            socklen_t(MemoryLayout<linger>.size)
        )
    }
}
