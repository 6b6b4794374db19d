// Defaults, the shipped example, and everything that a file can say.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import Entropy
import EntropyKeyProtocol
import LinuxSystem
import Testing

@Suite("Configuration")
struct ConfigurationTests {
    @Test(
        "an empty file is the defaults",
        arguments: ["", "\n", "# nothing\n", "---\n", "~", "\u{FEFF}"]
    )
    func empty(_ text: String) throws {
        #expect(try parse(text) == .default(for: directories))
    }

    @Test("every default")
    func defaults() throws {
        let standard = Configuration.default(for: directories)
        #expect(standard.user == nil)
        #expect(standard.group == nil)
        #expect(standard.log.level == .info)
        #expect(standard.reservoir.size.byteCount == 65_536)
        #expect(standard.reservoir.lowMark.value == 0.25)
        #expect(standard.credit.safetyFactor.value == 0.5)
        #expect(standard.credit.minimumSources == 1)
        #expect(standard.drbg.reseedInterval == .seconds(60))
        #expect(standard.drbg.reseedBytes.byteCount == 67_108_864)
        #expect(standard.sources == .available)
        #expect(standard.listeners.map(\.name) == ["egd", "drbg"])
        #expect(standard.listeners.map(\.quality) == [.fullEntropy, .drbg])
        #expect(standard.listeners.map(\.mode.bits) == [0o660, 0o666])
        #expect(standard.listeners.map(\.owner) == [nil, nil])
        #expect(standard.listeners.map(\.group) == [nil, nil])
        #expect(standard.listeners.map(\.maximumConnections) == [1_024, 1_024])
        #expect(
            standard.listeners.map(\.path?.text) == [
                "/run/wellspring/egd.sock", "/run/wellspring/drbg.sock",
            ]
        )
        #expect(standard.control.path.text == "/run/wellspring/control.sock")
        #expect(standard.control.mode.bits == 0o660)
        #expect(standard.feeder.enabled == .auto)
        #expect(standard.feeder.interval == .seconds(60))
        #expect(standard.feeder.block.byteCount == 64)
        #expect(standard.feeder.credit == .assessed)
        #expect(standard.directories.state.text == "/var/lib/wellspring")
    }

    @Test("the shipped example holds exactly the defaults")
    func exampleIsDefault() throws {
        let example = try repositoryFile("Packaging/wellspring.yaml")
        #expect(try parse(example) == .default(for: directories))
    }

    @Test("the shipped example with every setting taken in is what it says")
    func exampleInFull() throws {
        let full = try parse(fullExample())
        var expected = Configuration.default(for: directories)
        expected.user = AccountName("wellspring")
        expected.group = AccountName("wellspring")
        expected.listeners[0].owner = AccountName("wellspring")
        expected.listeners[0].group = AccountName("wellspring")
        var jitter = Source(name: "jitter", type: .jitter)
        jitter.cpuBudget = Fraction(0.5)
        var havege = Source(name: "havege", type: .havege)
        havege.dataCache = ByteSize(48 << 10)
        havege.instructionCache = ByteSize(32 << 10)
        var hwrng = Source(name: "hwrng", type: .hwrng)
        hwrng.claim = BitsPerSample(0.5)
        var key = Source(name: "rack-key", type: .entropyKey)
        key.serial = EntropyKeySerial("NwBvBlg3OTBJORFD")
        key.keyring = AbsolutePath("/etc/entropykey/keyring")
        key.recovery = .powerCycle
        var geiger = Source(name: "geiger", type: .stream)
        geiger.path = AbsolutePath("/dev/ttyS1")
        geiger.speed = 9_600
        geiger.claim = BitsPerSample(1)
        var script = Source(name: "script", type: .command)
        script.command = "cat /sys/class/thermal/thermal_zone*/temp"
        script.claim = .zero
        var hub = Source(name: "hub", type: .egd)
        hub.upstreams = [.tcp(host: "10.0.0.1", port: 8888), .unix(path: "/run/other/egd.sock")]
        hub.patience = .seconds(30)
        expected.sources = .listed([
            jitter, havege, Source(name: "sleep", type: .sleep), Source(name: "cpu", type: .cpu),
            hwrng, Source(name: "entropy-key", type: .entropyKey), key,
            Source(name: "kernel", type: .kernel), geiger, script, hub,
        ])
        expected.listeners += try rackListeners()
        #expect(full == expected)
    }

    /// Those that the shipped example has as comments.
    private func rackListeners() throws -> [Listener] {
        let path = try #require(AbsolutePath("/run/wellspring/guests.sock"))
        var guests = Listener(name: "guests", path: path, quality: .fullEntropy)
        guests.mode = try #require(FileMode(0o666))
        guests.allowedGroups = [try #require(AccountName("kvm"))]
        guests.clients = .process
        guests.greeting = 64
        guests.clientRate = ByteSize(4 << 10)
        guests.clientBurst = ByteSize(64 << 10)
        var rack = Listener(name: "rack", path: path, quality: .fullEntropy)
        rack.address = InternetAddress(text: "10.20.0.1:8888")
        rack.allowedHosts = [try #require(AddressRange(text: "10.20.0.0/24"))]
        rack.maximumConnectionsPerClient = 16
        rack.clientRate = ByteSize(4 << 10)
        rack.clientBurst = ByteSize(16 << 10)
        rack.totalRate = ByteSize(32 << 10)
        var generator = Listener(name: "rack-drbg", path: path, quality: .drbg)
        generator.address = InternetAddress(text: "10.20.0.1:8889")
        generator.allowedHosts = rack.allowedHosts
        generator.clientRate = ByteSize(1 << 20)
        return [guests, rack, generator]
    }

    @Test("every key takes the values it documents")
    func everyKey() throws {
        let text = """
            log: { level: trace }
            reservoir: { size: 128kB, low-mark: 0.125 }
            credit: { safety-factor: 12.5%, minimum-sources: "2" }
            drbg: { reseed-interval: 2min, reseed-bytes: 1MB }
            listeners:
              tap: { path: /srv/tap, quality: drbg, mode: 0600, owner: "0", group: adm,
                     max-connections: 7 }
              drbg:
            control: { path: /srv/control, mode: "0600" }
            feeder: { enabled: no, interval: 1500ms, block: 32B, credit: 2.5 }
            """
        let read = try parse(text)
        #expect(read.log.level == .trace)
        #expect(read.reservoir.size.byteCount == 128_000)
        #expect(read.reservoir.lowMark.value == 0.125)
        #expect(read.credit.safetyFactor.value == 0.125)
        #expect(read.credit.minimumSources == 2)
        #expect(read.drbg.reseedInterval == .seconds(120))
        #expect(read.drbg.reseedBytes.byteCount == 1_000_000)
        var tap = Listener(
            name: "tap",
            path: try #require(AbsolutePath("/srv/tap")),
            quality: .drbg
        )
        tap.mode = try #require(FileMode(0o600))
        tap.owner = AccountName("0")
        tap.group = AccountName("adm")
        tap.maximumConnections = 7
        #expect(read.listeners == [tap, Configuration.default(for: directories).listeners[1]])
        #expect(read.control.path.text == "/srv/control")
        #expect(read.control.mode.bits == 0o600)
        #expect(read.feeder.enabled == .no)
        #expect(read.feeder.interval == .milliseconds(1_500))
        #expect(read.feeder.block.byteCount == 32)
        #expect(read.feeder.credit == .bitsPerByte(try #require(BitsPerSample(2.5))))
    }

    @Test("upstreams are a list, or one line with commas")
    func upstreams() throws {
        var source = Source(name: "egd", type: .egd)
        source.upstreams = [.tcp(host: "::1", port: 8888), .unix(path: "/run/a")]
        source.retry = .seconds(5)
        for text in ["[\"tcp://[::1]:8888\", /run/a]", "\"tcp://[::1]:8888, unix:/run/a\""] {
            let read = try parse("sources: { egd: { upstreams: \(text), retry: 5s } }")
            #expect(read.sources == .listed([source]))
        }
    }

    @Test("sections without a value keep the defaults, an empty mapping of listeners is none")
    func emptySections() throws {
        let text = "log:\nreservoir: ~\nsources:\nlisteners:\nfeeder: {}\n"
        #expect(try parse(text) == .default(for: directories))
        #expect(try parse("listeners: {}").listeners == [])
        #expect(try parse("feeder: { credit: none }").feeder.credit == .none)
    }

    @Test("aliases and the line ends of other systems are read")
    func aliases() throws {
        let read = try parse("user: &who wellspring\r\ngroup: *who\r\n")
        #expect(read.user == AccountName("wellspring"))
        #expect(read.group == read.user)
    }

    @Test(
        "only a source that somebody vouches for can be credited",
        arguments: [
            ("jitter: {}", true), ("jitter: { claim: 0 }", false),
            ("jitter: { enabled: no }", false), ("kernel: {}", false),
            ("s: { type: stream, path: /x }", false),
            ("s: { type: stream, path: /x, claim: 0.1 }", true),
            ("egd: { upstreams: /x }", true), ("egd: { upstreams: /x, claim: 0 }", false),
        ]
    )
    func creditable(_ entry: String, _ expected: Bool) throws {
        let read = try parse("sources:\n  \(entry)\n  sleep: {}\n")
        guard case .listed(let sources) = read.sources else {
            Issue.record("the sources are not listed")
            return
        }
        #expect(sources.map(\.canBeCredited) == [expected, true])
    }
}
