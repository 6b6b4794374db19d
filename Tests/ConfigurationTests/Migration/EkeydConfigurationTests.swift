// ekeyd.conf: each call in Wellspring's words, and what is refused.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import LinuxSystem
import Testing

@Suite("Migration from ekeyd")
struct EkeydConfigurationTests {
    @Test("the usual file is translated, and each line names its call")
    func sample() throws {
        let ekeyd = try translate(ekeydSample)
        #expect(
            ekeyd.wellspringConfiguration() == """
                # What an ekeyd.conf said, as a configuration of Wellspring, made by
                # "wellspring migrate ekeyd". Only Entropy Keys are sources, as with ekeyd: without the
                # section "sources" Wellspring uses all that this machine has.

                sources:
                  entropy-key:                          # line 22: AddEntropyKeys; line 23: AddEntropyKeys
                    type: entropy-key                   # line 22: AddEntropyKeys; line 23: AddEntropyKeys
                    keyring: /etc/entropykey/keyring    # line 8: Keyring
                    claim: 7                            # line 15: SetOutputToKernel

                feeder:
                  enabled: yes                          # line 15: SetOutputToKernel

                control:
                  path: /var/run/ekeyd.sock             # line 5: UnixControlSocket

                """
        )
        #expect(ekeyd.notes.map(\.line) == [5, 11, 15])
        #expect(ekeyd.notes.map(\.call) == ["UnixControlSocket", "Daemonise", "SetOutputToKernel"])
    }

    @Test(
        "an empty file, and one of comments, is a source for all keys",
        arguments: ["", "-- nothing"]
    )
    func empty(text: String) throws {
        let lines = try lines(text)
        #expect(lines == ["sources:", "entropy-key:", "type: entropy-key"])
    }

    @Test(
        "keys are named by serial number where that is known, else by path",
        arguments: [
            (
                #"AddEntropyKey("/dev/entropykey/M_3lUoWERuOdXDFR")"#,
                [#"serial: "M/3lUoWERuOdXDFR""#]
            ),
            (
                #"AddEntropyKey("/var/run/entropykeys/M.3lUoWERuOdXDFR")"#,
                [#"serial: "M/3lUoWERuOdXDFR""#]
            ),
            (
                #"AddEntropyKey("/dev/entropykey/NwBvBlg3OTBJORFD", "NwBvBlg3OTBJORFD")"#,
                [#"serial: "NwBvBlg3OTBJORFD""#]
            ),
            (
                #"AddEntropyKey("/dev/entropykey/NwBvBlg3OTBJORFD", "AAAAAAAAAAAAAAAA")"#,
                [#"serial: "AAAAAAAAAAAAAAAA""#, "path: /dev/entropykey/NwBvBlg3OTBJORFD"]
            ),
            (#"AddEntropyKey "/dev/ttyACM0""#, ["path: /dev/ttyACM0"]),
            (
                #"AddEntropyKey("/dev/ttyACM0", "M/3lUoWERuOdXDFR")"#,
                [#"serial: "M/3lUoWERuOdXDFR""#, "path: /dev/ttyACM0"]
            ),
            (#"AddEntropyKey("/dev/ttyACM0", nil)"#, ["path: /dev/ttyACM0"]),
            (#"AddEntropyKey("/run/my key.sock")"#, [#"path: "/run/my key.sock""#]),
        ]
    )
    func oneKey(call: String, expected: [String]) throws {
        #expect(
            try lines(call) == ["sources:", "entropy-key-1:", "type: entropy-key"] + expected
        )
    }

    @Test("of several keys each has its entry, once, with the keyring and the claim")
    func severalKeys() throws {
        let text = """
            Keyring("/k")
            SetOutputToKernel()
            AddEntropyKey("/dev/ttyACM0")
            AddEntropyKey("/dev/ttyACM1")
            AddEntropyKey("/dev/ttyACM0")
            """
        #expect(
            try lines(text) == [
                "sources:",
                "entropy-key-1:", "type: entropy-key", "path: /dev/ttyACM0", "keyring: /k",
                "claim: 4",
                "entropy-key-2:", "type: entropy-key", "path: /dev/ttyACM1", "keyring: /k",
                "claim: 4",
                "feeder:", "enabled: yes",
            ]
        )
    }

    @Test("a key that is one of all keys has no entry of its own, one elsewhere has")
    func allKeysAndOne() throws {
        let text = """
            AddEntropyKeys("/dev/entropykey")
            AddEntropyKey("/dev/entropykey/NwBvBlg3OTBJORFD")
            AddEntropyKey("/run/lab.sock")
            """
        #expect(
            try lines(text) == [
                "sources:", "entropy-key:", "type: entropy-key",
                "entropy-key-1:", "type: entropy-key", "path: /run/lab.sock",
            ]
        )
        #expect(try translate(#"AddEntropyKeys("/dev/entropykey")"#).notes == [])
        #expect(try translate(#"AddEntropyKeys("/srv/keys")"#).notes.count == 1)
    }

    @Test(
        "outputs become listeners and the feeder",
        arguments: [
            ("SetOutputToKernel(0)", ["feeder:", "enabled: yes", "credit: none"]),
            (
                #"EGDUnixSocket("/run/e.sock")"#,
                [
                    "listeners:", "egd:", "path: /run/e.sock", "quality: full-entropy",
                    #"mode: "0600""#, "feeder:", "enabled: no",
                ]
            ),
            (
                #"EGDUnixSocket("/run/e.sock", "660", "entropy", "users")"#,
                [
                    "listeners:", "egd:", "path: /run/e.sock", "quality: full-entropy",
                    #"mode: "0660""#, "owner: entropy", "group: users", "feeder:", "enabled: no",
                ]
            ),
            (
                #"EGDUnixSocket("/run/e.sock", 0644, "", nil) EGDTCPSocket(8888)"#,
                [
                    "listeners:", "egd:", "path: /run/e.sock", "quality: full-entropy",
                    #"mode: "0644""#, "egd-tcp:", #"address: "127.0.0.1:8888""#,
                    "quality: full-entropy", "feeder:", "enabled: no",
                ]
            ),
        ]
    )
    func outputs(call: String, expected: [String]) throws {
        #expect(
            try lines(call) == ["sources:", "entropy-key:", "type: entropy-key"] + expected
        )
    }

    @Test(
        "an address of the network lets all hosts in, as ekeyd did, and says so",
        arguments: [("0.0.0.0", "0.0.0.0/0"), ("192.0.2.1", "0.0.0.0/0"), ("::", "::/0")]
    )
    func network(address: String, range: String) throws {
        let ekeyd = try translate(#"EGDTCPSocket(0x22B8, "\#(address)")"#)
        let host = address.contains(":") ? "[\(address)]" : address
        #expect(ekeyd.wellspringConfiguration().contains(#"address: "\#(host):8888""#))
        #expect(ekeyd.wellspringConfiguration().contains(#"allow: "\#(range)""#))
        #expect(ekeyd.notes.first?.text.contains("narrow it") == true)
        #expect(try translate(#"EGDTCPSocket(8888, "localhost")"#).notes == [])
    }

    @Test(
        "what has no counterpart is left out and told",
        arguments: [
            #"TCPControlSocket("1234")"#, "Daemonise(false)", #"Print("hello")"#,
            #"MLPrint("hello", 1)"#, "KVPrint()",
        ]
    )
    func leftOut(call: String) throws {
        let ekeyd = try translate("\n\n" + call)
        #expect(ekeyd.notes.count == 1)
        #expect(ekeyd.notes[0].line == 3)
        #expect(ekeyd.notes[0].text.hasPrefix("left out: "))
        #expect(try lines(call) == ["sources:", "entropy-key:", "type: entropy-key"])
    }

    @Test("of two control sockets the first stays, of two keyrings the last")
    func twice() throws {
        let text = try translate(
            #"UnixControlSocket("/a") UnixControlSocket("/b") Keyring("/c") Keyring("/d")"#
        ).wellspringConfiguration()
        #expect(text.contains("path: /a ") && !text.contains("/b"))
        #expect(text.contains("keyring: /d ") && !text.contains("/c"))
    }

    @Test("a broken call is told with its place and a cure", arguments: brokenCalls)
    func broken(text: String, message: String) {
        #expect(ekeydComplaints(text) == "ekeyd.conf:\(message)")
    }

    @Test("all problems of a file are shown together, in its order")
    func together() {
        let text = """
            Keyring("keyring")
            if os.getenv("KERNEL") then
              SetOutputToKernel(9)
            end
            Bye()
            """
        let places = (ekeydComplaints(text) ?? "").split(separator: "\n").map {
            $0.split(separator: ":").prefix(3).joined(separator: ":")
        }
        #expect(
            places == [
                "ekeyd.conf:1:9", "ekeyd.conf:2:1", "ekeyd.conf:3:21", "ekeyd.conf:4:1",
                "ekeyd.conf:5:1",
            ]
        )
    }

    @Test("a file that is something else ends with few complaints")
    func binary() throws {
        let bytes = (0..<30_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        let complaints = try #require(ekeydComplaints(bytes))
        #expect(complaints.split(separator: "\n").count <= 20)
        let large = [UInt8](repeating: 0x20, count: 32_769)
        #expect(
            ekeydComplaints(large)
                == "ekeyd.conf: has more than 32768 bytes: that is not an ekeyd.conf"
        )
    }

    @Test("more keys than a bus can have are refused")
    func manyKeys() {
        let text = (1...65).map { "AddEntropyKey('/dev/k\($0)')" }.joined(separator: "\n")
        #expect(ekeydComplaints(text)?.contains(":65:1: more than 64 keys") == true)
    }

    /// The lines that say something, without indentation and comments.
    private func lines(_ text: String) throws -> [String] {
        try translate(text).wellspringConfiguration().split(separator: "\n").compactMap { line in
            let content = line.split(separator: "  #", omittingEmptySubsequences: false)[0]
            let bare = content.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            return bare.isEmpty || bare.first == "#" ? nil : String(bare)
        }
    }
}

func translate(_ text: String) throws -> EkeydConfiguration {
    try EkeydConfiguration(parsing: Array(text.utf8), file: "ekeyd.conf")
}

func ekeydComplaints(_ bytes: [UInt8]) -> String? {
    do throws(ConfigurationError) {
        _ = try EkeydConfiguration(parsing: bytes, file: "ekeyd.conf")
        return nil
    } catch {
        return error.description
    }
}

func ekeydComplaints(_ text: String) -> String? { ekeydComplaints(Array(text.utf8)) }
