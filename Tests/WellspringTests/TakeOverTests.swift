// Restarts that clients do not notice: by another daemon, and by a service manager.
// SPDX-License-Identifier: Apache-2.0

import Daemon
import EGDService
import Glibc
import LinuxSystem
import Testing

extension EndToEnd {
    @Suite struct TakeOverTests {
        private let tcp = "  rack: {address: \"127.0.0.1:0\"}\n"

        @Test("open requests survive a change of daemons, three times in a row")
        func openRequests() throws {
            let daemon = RunningDaemon.withoutEntropy(listeners: tcp)
            try daemon.startAndWait()
            let report = try daemon.status()
            let rack = try #require(report.listeners.first { $0.name == "rack" })
            let waiting = try RawClient(daemon.entropy)
            waiting.send([2, 64])
            let halfway = try RawClient(daemon.entropy)
            halfway.send([2])
            let remote = try RawClient(tcp: rack.path)
            remote.send([2, 32, 4])
            try daemon.waitForStatus { report in
                report.listeners.reduce(0) { $0 + $1.waitingClients } == 2
            }
            for _ in 0..<3 {
                try daemon.replace()
                let report = try daemon.status()
                #expect(report.listeners.first { $0.name == "egd" }?.clients == 2)
                #expect(report.listeners.first { $0.name == "rack" }?.path == rack.path)
                #expect(report.listeners.reduce(0) { $0 + $1.waitingClients } == 2)
            }
            // The last one has noise.
            daemon.configure(RunningDaemon.jitterAlone, listeners: tcp)
            try daemon.replace()
            #expect(waiting.receive(64)?.count == 64)
            halfway.send([16])
            #expect(halfway.receive(16)?.count == 16)
            let id = Array("\(daemon.process?.id ?? 0)".utf8)
            #expect(remote.receive(32 + 1 + id.count)?.suffix(id.count) == id[...])
            #expect(daemon.end() == 0)
            #expect(daemon.place.contents.filter { $0.hasSuffix(".sock") } == [])
        }

        @Test("without a daemon there is nothing to take over")
        func nobody() throws {
            let daemon = RunningDaemon()
            let outcome = try daemon.place.run([
                "run", "--config", daemon.configuration, "--no-feeder", "--take-over",
            ])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("cannot connect to"), "\(outcome.errors)")
        }

        @Test("a successor that cannot listen leaves the daemon and its clients as they were")
        func cannotListen() throws {
            let daemon = RunningDaemon.withoutEntropy()
            try daemon.startAndWait()
            let waiting = try RawClient(daemon.entropy)
            waiting.send([2, 64])
            try daemon.waitForStatus { $0.listeners[0].waitingClients == 1 }
            let fifo = daemon.place.file("silence")
            // Beside the listeners that it could take over, one at an address of nobody.
            daemon.configure(
                "sources:\n  silent: {type: stream, path: \(fifo), claim: 1}\n",
                listeners: "  more: {address: \"192.0.2.1:1\", allow: 192.0.2.0/24}\n"
            )
            let outcome = try daemon.place.run([
                "run", "--config", daemon.configuration, "--no-feeder", "--take-over",
            ])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("no address of this machine"), "\(outcome.errors)")
            #expect(daemon.waitForLog("did not take the sockets"))
            try daemon.waitForStatus { $0.listeners[0].waitingClients == 1 }
            #expect(try RawClient(daemon.generator).descriptor >= 0)
            daemon.configure(RunningDaemon.jitterAlone)
            try daemon.replace()
            #expect(waiting.receive(64)?.count == 64)
        }

        @Test("a successor that dies on the way leaves the daemon serving")
        func failed() throws {
            let daemon = RunningDaemon()
            try daemon.startAndWait()
            let client = try RawClient(daemon.entropy)
            client.send([0])
            #expect(client.receive(4)?.count == 4)
            let successor = try RawClient(daemon.control)
            successor.send("hand-over\n")
            shutdown(successor.descriptor, Int32(SHUT_RDWR))
            #expect(daemon.waitForLog("did not take the sockets"))
            client.send([2, 32])
            #expect(client.receive(32)?.count == 32)
            #expect(try daemon.read(16, from: daemon.entropy).count == 16)
        }

        @Test("a service manager's store carries clients over a restart, and is emptied after it")
        func store() throws {
            let daemon = RunningDaemon.withoutEntropy(listeners: tcp)
            let manager = try FakeManager(daemon.place)
            try daemon.startAndWait(prefix: manager.prefix)
            let waiting = try RawClient(daemon.entropy)
            waiting.send([2, 64])
            try daemon.waitForStatus { $0.listeners[0].waitingClients == 1 }
            let path = try daemon.status().listeners[2].path
            for round in 0..<2 {
                #expect(daemon.end() == 0)
                manager.read()
                // Three listeners, one connection, the record.
                #expect(manager.stored.count == 5, "\(round): \(manager.stored)")
                try daemon.startAndWait(prefix: manager.prefix, descriptors: manager.descriptors)
                manager.read()
                #expect(manager.stored.isEmpty)
                try daemon.waitForStatus { $0.listeners[0].waitingClients == 1 }
            }
            #expect(try daemon.status().listeners[2].path == path)
            #expect(daemon.end() == 0)
            manager.read()
            daemon.configure(RunningDaemon.jitterAlone, listeners: tcp)
            try daemon.startAndWait(prefix: manager.prefix, descriptors: manager.descriptors)
            #expect(waiting.receive(64)?.count == 64)
            #expect(manager.states.contains("STOPPING=1"))
            // Nothing holds the connection but the daemon: when that dies, the client sees it.
            manager.read()
            daemon.process?.signal(SIGKILL)
            _ = daemon.process?.finish()
            #expect(waiting.receiveAll() == "")
        }

        @Test("a socket unit's sockets are used, found by name or by place")
        func activation() throws {
            let daemon = RunningDaemon()
            let manager = try FakeManager(daemon.place)
            try manager.listen(on: daemon.place.file("other.sock"), as: "egd")
            try manager.listen(on: daemon.generator, as: "wellspring.socket")
            try daemon.startAndWait(prefix: manager.prefix, descriptors: manager.descriptors)
            #expect(try daemon.read(16, from: daemon.place.file("other.sock")).count == 16)
            #expect(try daemon.read(16, from: daemon.generator).count == 16)
            #expect(access(daemon.entropy, F_OK) != 0)
            // They stay the socket unit's, also when another daemon takes them over.
            try daemon.replace()
            #expect(try daemon.read(16, from: daemon.generator).count == 16)
            #expect(daemon.end() == 0)
            #expect(access(daemon.place.file("other.sock"), F_OK) == 0)
            #expect(access(daemon.generator, F_OK) == 0)
        }

        @Test("a socket unit keeps its sockets over restarts, though the store has them, too")
        func activationAndStore() throws {
            let daemon = RunningDaemon()
            let manager = try FakeManager(daemon.place)
            try manager.listen(on: daemon.entropy, as: "egd")
            for _ in 0..<2 {
                try daemon.startAndWait(prefix: manager.prefix, descriptors: manager.descriptors)
                let client = try RawClient(daemon.entropy)
                client.send([2, 16])
                #expect(client.receive(16)?.count == 16)
                #expect(daemon.end() == 0)
                manager.read()
                #expect(manager.stored.map(\.name).filter { $0.hasSuffix("egd") }.count == 2)
            }
        }

        @Test("a listener that moved is not found in its old place after a take-over")
        func moved() throws {
            let daemon = RunningDaemon()
            let (old, new) = (daemon.place.file("old.sock"), daemon.place.file("new.sock"))
            daemon.configure(RunningDaemon.jitterAlone, listeners: "  rack: {path: \(old)}\n")
            try daemon.startAndWait()
            let client = try RawClient(old)
            client.send([2, 16])
            #expect(client.receive(16)?.count == 16)
            daemon.configure(RunningDaemon.jitterAlone, listeners: "  rack: {path: \(new)}\n")
            try daemon.replace()
            #expect(try daemon.read(16, from: new).count == 16)
            #expect(access(old, F_OK) != 0)
            // Who was connected stays.
            client.send([2, 16])
            #expect(client.receive(16)?.count == 16)
            #expect(daemon.end() == 0)
        }
    }
}
