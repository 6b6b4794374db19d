// `wellspring key list`, `stats`, `add`, `remove` and `reset`, with a daemon and keys that are emulated.
// SPDX-License-Identifier: Apache-2.0

import Daemon
import Glibc
import Testing
import WellspringTesting

extension EndToEnd {
    @Suite struct KeyCommandTests {
        @Test("a key that works is listed as ekeydctl did, and status says what it earns")
        func list() throws {
            let bench = try KeyDaemon()
            _ = try bench.wait { $0.device?.settling != nil }
            let early = try bench.run(["list"])
            #expect(early.status == 0, "\(early.text)")
            #expect(early.text.contains("the key has not yet said how it is"))
            let source = try bench.wait { source in
                source.state == "healthy" && source.device?.settling == nil
                    && source.device?.objection == nil
            }
            #expect(source.device?.serial == PluggedKey.serial)
            #expect(source.device?.place == bench.keys[0].link)
            let outcome = try bench.run(["list"])
            #expect(outcome.status == 0, "\(outcome.text)")
            let lines = outcome.text.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines[0].split(separator: " ") == ["KEY", "OK", "STATUS", "PLACE", "SERIAL"])
            #expect(lines[1].hasPrefix("key-1"))
            for word in ["YES", "Running OK", bench.keys[0].link, PluggedKey.serial] {
                #expect(lines[1].contains(word))
            }
            let json = try bench.run(["list", "--json"])
            #expect(json.status == 0)
            #expect(json.text.contains(#""ok" : true"#))
            let earning = try bench.wait { $0.creditedBits > 0 }
            // 7 bits of 8, and half of them.
            #expect(earning.creditedBitsPerSample == 3.5)
        }

        @Test(
            "a key that the keyring does not know is told, with what to do; the daemon lives on"
        )
        func unknown() throws {
            let bench = try KeyDaemon(known: [])
            let source = try bench.wait { $0.state == "failed" }
            #expect(source.device?.state == "no long-term key")
            let outcome = try bench.run(["list"])
            #expect(outcome.status == 1)
            #expect(outcome.text.contains("NO"))
            #expect(
                outcome.text.contains(
                    "no long-term key for \(PluggedKey.serial) in \(bench.keyring)"
                )
            )
            #expect(outcome.text.contains("wellspring key rekey \(PluggedKey.serial)"))
            #expect(source.totalEntropy == 0)
            // Written into the keyring by hand, it is at work without a restart.
            let line = "\(PluggedKey.serial) \(PluggedKey.longTermKeyText)\n"
            writeFile(bench.keyring, Array(line.utf8))
            chmod(bench.keyring, 0o644)
            try #require(bench.daemon.process).signal(SIGHUP)
            try bench.waitUntilRunning()
        }

        @Test("statistics have ekeyd's names, whatever the key is called")
        func statistics() throws {
            let bench = try KeyDaemon()
            try bench.waitUntilRunning()
            for words in [[], ["key-1"], [PluggedKey.serial], [bench.keys[0].link], ["tty-1"]] {
                let outcome = try bench.run(["stats"] + words)
                #expect(outcome.status == 0, "\(words): \(outcome.errors)")
                let lines = outcome.text.split(separator: "\n")
                #expect(lines == lines.sorted())
                let names = lines.map { $0.split(separator: "=")[0] }
                for name in [
                    "BytesRead", "BytesWritten", "ConnectionNonces", "ConnectionRekeys",
                    "ConnectionResets", "FramesOk", "PacketErrors", "PacketOK", "TotalEntropy",
                    "SequenceGaps", "Replays", "Recoveries",
                ] {
                    #expect(names.contains { $0 == name })
                }
                #expect(lines.contains("PacketErrors=0"))
            }
            let outcome = try bench.run(["stats", "nobody"])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("there is no key nobody; the daemon has: key-1"))
        }

        @Test("a removed key is free for another program until it is added again")
        func removeAndAdd() throws {
            let bench = try KeyDaemon()
            try bench.waitUntilRunning()
            let link = bench.keys[0].link
            let removal = try bench.run(["remove", "tty-1"])
            #expect(removal.status == 0, "\(removal.errors)")
            #expect(removal.text.contains("key-1 is let go"))
            #expect(try bench.daemon.status().sources.isEmpty)
            #expect(try bench.run(["remove", "tty-1"]).status == 1)
            #expect(try bench.run(["reset", "key-1"]).status == 1)

            let addition = try bench.run(["add", link])
            #expect(addition.status == 0, "\(addition.errors)")
            #expect(addition.text == "key-1 is at work\n")
            try bench.waitUntilRunning()
            // Once more changes nothing.
            #expect(try bench.run(["add", link]).text == "key-1 is at work\n")
            #expect(try bench.daemon.status().sources.count == 1)

            #expect(try bench.run(["remove", "key-1"]).status == 0)
            try #require(bench.daemon.process).signal(SIGHUP)
            try bench.waitUntilRunning()
        }

        @Test("a reset is one ^C and a new session; a step of the ladder opens the key anew")
        func reset() throws {
            let bench = try KeyDaemon()
            func count(_ name: String, _ source: StatusReport.Source) -> UInt64 {
                if case .count(let count)? = source.device?.statistics[name] { count } else { 0 }
            }
            let before = try bench.waitUntilRunning()
            #expect(count("ConnectionResets", before) == 1)
            let resets = bench.keys[0].key.resetCount
            #expect(try bench.run(["reset", PluggedKey.serial]).status == 0)
            try bench.wait {
                count("ConnectionRekeys", $0) == 2 && $0.device?.state == "Running OK"
            }
            #expect(bench.keys[0].key.resetCount == resets + 1)

            #expect(try bench.run(["reset", "key-1", "--by", "reopen"]).status == 0)
            let after = try bench.wait {
                count("ConnectionRekeys", $0) == 3 && $0.device?.state == "Running OK"
            }
            #expect(count("ConnectionResets", after) == 3)
            #expect(count("RecoverySteps", after) == 1)
            #expect(count("PacketErrors", after) == 0)
        }

        @Test(
            "words that make no sense are refused before anybody is asked",
            arguments: [
                ["add", "tty-1"], ["add", "./tty-1"], ["add", "/dev/ttyACM0", "short"],
                ["add"], ["remove"], ["reset"], ["reset", "key-1", "--by", "kick"],
                ["rekey", "NwBvBlg3OTBJORF"], ["rekey", "--card", PluggedKey.card],
            ]
        )
        func wrongWords(words: [String]) throws {
            let outcome = try Workplace().run(["key"] + words)
            #expect(outcome.status == 64)
            #expect(outcome.text.isEmpty)
        }

        @Test("without a daemon every command says so", arguments: ["list", "stats", "remove x"])
        func noDaemon(words: String) throws {
            let outcome = try Workplace().run(
                ["key"] + words.split(separator: " ").map(String.init)
            )
            #expect(outcome.status == 69)
            #expect(outcome.errors.hasPrefix("wellspring: "))
        }

        // MARK: Unplugging and failing

        @Test("a key that is pulled out is named as gone, and is at work soon after it comes back")
        func replug() throws {
            let bench = try KeyDaemon()
            let before = try bench.waitUntilRunning()
            try bench.keys[0].pullOut()
            let gone = try bench.wait { $0.state == "failed" }
            #expect(gone.device?.state == "not connected")
            #expect(gone.reason?.isEmpty == false)
            let outcome = try bench.run(["list"])
            #expect(outcome.status == 1)
            #expect(outcome.text.contains("not connected"))
            try bench.keys[0].plugIn()
            let back = try bench.wait {
                $0.device?.state == "Running OK" && $0.totalEntropy > before.totalEntropy
            }
            #expect(back.reason == nil)
        }

        @Test("of two keys one fails, and the other does not notice")
        func two() throws {
            let bench = try KeyDaemon([PluggedKey.serial, PluggedKey.otherSerial])
            try bench.waitUntilRunning("key-1")
            try bench.waitUntilRunning("key-2")
            let several = try bench.run(["stats"])
            #expect(several.status == 1)
            #expect(several.errors.contains("say which key; the daemon has: key-1, key-2"))
            #expect(try bench.run(["stats", PluggedKey.otherSerial]).status == 0)

            try bench.keys[0].pullOut()
            try bench.wait(for: "key-1") { $0.state == "failed" }
            let other = try bench.wait(for: "key-2") { $0.device?.state == "Running OK" }
            try bench.wait(for: "key-2") { $0.totalEntropy > other.totalEntropy + 2_000 }
            try bench.keys[0].plugIn()
            try bench.waitUntilRunning("key-1")
            let outcome = try bench.run(["list"])
            #expect(outcome.text.contains(PluggedKey.otherSerial))
            #expect(outcome.text.contains(PluggedKey.serial))
        }
    }
}
