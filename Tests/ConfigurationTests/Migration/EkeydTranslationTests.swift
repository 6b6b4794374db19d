// What a migration prints is a configuration that Wellspring reads, whatever stood in the old one.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import LinuxSystem
import Testing

@testable import Configuration

@Suite("Configurations made from ekeyd's")
struct EkeydTranslationTests {
    @Test("sockets, owners and modes arrive as they were")
    func listeners() throws {
        let configuration = try parse(
            made(
                """
                UnixControlSocket("/run/c.sock")
                EGDUnixSocket("/run/e e.sock", "0640", "daemon", "users")
                EGDTCPSocket(8888, "192.0.2.1")
                """
            )
        )
        #expect(configuration.control.path.text == "/run/c.sock")
        #expect(configuration.feeder.enabled == .no)
        let (unix, internet) = (configuration.listeners[0], configuration.listeners[1])
        #expect(configuration.listeners.count == 2)
        #expect(unix.path?.text == "/run/e e.sock")
        #expect(unix.quality == .fullEntropy)
        #expect(unix.mode.bits == 0o640)
        #expect(unix.owner?.text == "daemon")
        #expect(unix.group?.text == "users")
        #expect(internet.address?.description == "192.0.2.1:8888")
        #expect(internet.quality == .fullEntropy)
        #expect(internet.allowedHosts.map(\.description) == ["0.0.0.0/0"])
    }

    @Test("the kernel is fed from the usual socket", arguments: [0, 7])
    func kernel(bits: Int) throws {
        let configuration = try parse(made("SetOutputToKernel(\(bits))"))
        #expect(configuration.feeder.enabled == .yes)
        #expect(configuration.feeder.credit == (bits == 0 ? .none : .assessed))
        #expect(configuration.listeners == Configuration.default(for: directories).listeners)
    }

    @Test("the whole file is read, the keys included")
    func whole() throws {
        let text = ekeydSample + "\nAddEntropyKey('/run/lab key.sock', 'M/3lUoWERuOdXDFR')"
        let configuration = try parse(made(text))
        guard case .listed(let sources) = configuration.sources else {
            Issue.record("no sources")
            return
        }
        #expect(sources.map(\.name) == ["entropy-key", "entropy-key-1"])
        #expect(sources.map(\.type.rawValue) == ["entropy-key", "entropy-key"])
        #expect(sources.map(\.claim?.value) == [7, 7])
        #expect(sources.map(\.path?.text) == [nil, "/run/lab key.sock"])
    }

    @Test(
        "any text reads back as it was",
        arguments: [
            "/etc/entropykey/keyring", "/a b", "/a#b", "/a: b", "/\"quoted\"", "/back\\slash",
            "/tab\t",
            "/line\nend", "/\u{7}\u{1B}\u{7F}\u{80}\u{85}", "/käse/ключ/鍵", "/*a*b*c", "/🔑", "/'",
            "/%&!|>@`",
            "/\u{FEFF}", "/\u{2028}", "0660", "null", "true", "~", "", "-", "7", "007", "yes",
            "M/3lUoWERuOdXDFR", "[a]", "{a}", "1e3",
        ]
    )
    func scalars(value: String) throws {
        var text = YAMLText()
        text.section("root")
        text.line(1, "key", value, "line 1: Call")
        let root = try ConfigurationDocument.root(of: Array(text.text.utf8), file: "made")
        var reader = ConfigurationReader(root, path: "")
        var read = Holder()
        reader.read(
            "root",
            [Key("key", optional: \.text, anyText, default: "none", "text")],
            into: &read
        )
        #expect(reader.problems.isEmpty)
        #expect(read.text == value)
    }

    private struct Holder { var text: String? }

    private let anyText = ValueType<String>(
        name: "text",
        complaint: "is not text",
        read: { $0 },
        write: { $0 }
    )

    /// 20,000 mutations in all. Each ends in a configuration that is read, or in an error with a line.
    @Test(
        "mutations of the usual file neither crash nor print nonsense",
        .timeLimit(.minutes(5)),
        arguments: 0..<4 as Range<UInt64>
    )
    func mutations(_ seed: UInt64) throws {
        let lines = [
            ekeydSample, "\nEGDUnixSocket([[/run/e.sock]], '0660', \"a\\98\", 'b')",
            "EGDTCPSocket(0x22B8, '::1') AddEntropyKey('/dev/entropykey/NwBvBlg3OTBJORFD')",
        ]
        let samples = [lines[0], lines[1] + "\n" + lines[2]].map { Array($0.utf8) }
        var random = SplitMix64(state: seed)
        var accepted = 0
        for round in 0..<5_000 {
            let damaged = damage(
                samples[round % 2],
                changes: 3,
                longest: 24,
                syntax: syntax,
                using: &random
            )
            if let message = ekeydComplaints(damaged) {
                for line in message.split(separator: "\n") {
                    let parts = line.split(separator: ":", maxSplits: 3)
                    #expect(parts.count == 4 && parts[0] == "ekeyd.conf" && Int(parts[1]) != nil)
                }
            } else {
                accepted += 1
                let ekeyd = try EkeydConfiguration(parsing: damaged, file: "ekeyd.conf")
                let complaint = complaints(ekeyd.wellspringConfiguration())
                #expect(
                    complaint == nil || complaint?.contains("every socket needs its own") == true
                )
            }
        }
        #expect((50...4_500).contains(accepted))
    }

    private func made(_ text: String) throws -> String {
        try translate(text).wellspringConfiguration()
    }

    private let syntax = Array("()[]{}=,;-.'\"\\#*/ \n\t\r0x9".utf8)
}
