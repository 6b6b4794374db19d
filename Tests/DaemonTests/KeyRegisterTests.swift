// Which Entropy Keys there are, on a bus that is made up; their keyrings; an operator's changes.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import EntropyKeyProtocol
import Glibc
import LinuxSystem
import NoiseSources
import Testing
import WellspringTesting

@testable import Daemon

@Suite struct KeyRegisterTests {
    private let bus = FakeBus()
    private let folder = TemporaryDirectory()
    private let register: KeyRegister

    private static let other = "NwBvBlg3OTBJORFD"

    init() { register = KeyRegister(systemRoot: bus.root) }

    private func every(isImplicit: Bool = false) -> Source {
        var source = Source(name: "entropy-key", type: .entropyKey)
        source.isImplicit = isImplicit
        source.keyring = AbsolutePath(folder.file("keyring"))
        return source
    }

    private func named(_ name: String, serial: String? = nil, path: String? = nil) -> Source {
        var source = Source(name: name, type: .entropyKey)
        source.serial = serial.flatMap { EntropyKeySerial($0) }
        source.path = path.flatMap { AbsolutePath($0) }
        source.keyring = AbsolutePath(folder.file("keyring"))
        return source
    }

    private func look() { register.look() }

    // MARK: One entry for all

    @Test("one entry for every key becomes one source for each that is plugged in")
    func oneForAll() {
        bus.plug()
        bus.plug("1-3", serial: Self.other, device: 6, terminal: "ttyACM1")
        look()
        var entry = every()
        entry.access = .tty
        let sources = register.sources(for: [entry])
        #expect(
            sources.map(\.name) == [
                "entropy-key-\(FakeBus.serial)", "entropy-key-\(Self.other)",
            ]
        )
        #expect(sources.map(\.serial?.description) == [FakeBus.serial, Self.other])
        #expect(sources.allSatisfy { $0.access == .tty && $0.keyring == entry.keyring })
    }

    @Test("a key that has an entry of its own is not taken twice, however the entry names it")
    func ownEntry() {
        bus.plug()
        bus.plug("1-3", serial: Self.other, device: 6, terminal: "ttyACM1")
        look()
        let own = named("own", serial: FakeBus.serial)
        #expect(
            register.sources(for: [every(), own]).map(\.name)
                == ["entropy-key-\(Self.other)", "own"]
        )
        // By the path of its terminal; then nothing is left that "every" could mean.
        let lab = named("lab", path: "/dev/ttyACM1")
        #expect(register.sources(for: [every(), own, lab]).map(\.name) == ["own", "lab"])
    }

    @Test(
        "without a key an entry that is written down shows that; one that nobody wrote shows nothing"
    )
    func none() {
        look()
        #expect(register.sources(for: [every()]).map(\.name) == ["entropy-key"])
        #expect(register.sources(for: [every(isImplicit: true)]).isEmpty)
        let jitter = Source(name: "jitter", type: .jitter)
        #expect(register.sources(for: [every(isImplicit: true), jitter]) == [jitter])
    }

    @Test("a key that was pulled out stays listed, and is the same source when it comes back")
    func pulledOut() {
        bus.plug()
        look()
        let before = register.sources(for: [every(isImplicit: true)])
        #expect(before.count == 1)
        bus.unplug()
        look()
        #expect(register.sources(for: [every(isImplicit: true)]) == before)
        bus.plug(device: 9, terminal: "ttyACM3")
        look()
        #expect(register.sources(for: [every(isImplicit: true)]) == before)
    }

    @Test("a key without a readable serial number cannot be told from others and is left to paths")
    func withoutSerial() {
        bus.plug(serial: nil)
        look()
        #expect(register.sources(for: [every(isImplicit: true)]).isEmpty)
        #expect(register.sources(for: [named("lab", path: "/dev/ttyACM0")]).count == 1)
    }

    // MARK: An operator's changes

    @Test(
        "a key is found by its name, its number, its terminal, and what these end with",
        arguments: [
            "entropy-key-\(FakeBus.serial)", FakeBus.serial, "M_3lUoWERuOdXD+R", "M.3lUoWERuOdXD+R",
            "/dev/ttyACM0", "ttyACM0", "/dev/entropykey/M_3lUoWERuOdXD+R",
        ]
    )
    func tag(tag: String) {
        bus.plug()
        bus.plug("1-3", serial: Self.other, device: 6, terminal: "ttyACM1")
        look()
        let sources = register.sources(for: [every()])
        #expect(register.name(of: tag, among: sources) == "entropy-key-\(FakeBus.serial)")
    }

    @Test("a key of a path is found by it and by its last part")
    func tagOfPath() {
        let sources = [
            Source(name: "jitter", type: .jitter), named("lab", path: "/run/keys/lab.sock"),
        ]
        for tag in ["lab", "/run/keys/lab.sock", "lab.sock"] {
            #expect(register.name(of: tag, among: sources) == "lab")
        }
        for tag in ["", "/", "jitter", "keys", "sock", FakeBus.serial, "ttyACM0"] {
            #expect(register.name(of: tag, among: sources) == nil)
        }
    }

    @Test("a removed key is gone until it is added, by whatever it is called")
    func removeAndAdd() throws {
        bus.plug()
        look()
        let wanted = [every()]
        let name = "entropy-key-\(FakeBus.serial)"
        let terminal = try #require(AbsolutePath("/dev/ttyACM0"))
        register.remove(name)
        #expect(register.sources(for: wanted).isEmpty)
        #expect(register.add(path: terminal, serial: nil, to: wanted) == name)
        #expect(register.sources(for: wanted).map(\.name) == [name])
        // By number, where the path leads to no key any more.
        register.remove(name)
        bus.unplug()
        let gone = try #require(AbsolutePath("/dev/ttyACM7"))
        #expect(
            register.add(path: gone, serial: EntropyKeySerial(FakeBus.serial), to: wanted) == name
        )
    }

    @Test("a removed key with an entry of its own comes back as that entry, with its settings")
    func removeNamed() throws {
        var lab = named("lab", path: "/run/lab.sock")
        lab.access = .tty
        let path = try #require(lab.path)
        register.remove("lab")
        #expect(register.sources(for: [lab]).isEmpty)
        #expect(register.add(path: path, serial: nil, to: [lab]) == "lab")
        #expect(register.sources(for: [lab]) == [lab])
    }

    @Test("an added key stays, is added once, and can be removed and added again")
    func added() throws {
        let path = try #require(AbsolutePath("/run/new.sock"))
        let name = register.add(path: path, serial: nil, to: [])
        #expect(register.add(path: path, serial: nil, to: []) == name)
        #expect(register.sources(for: []).map(\.path) == [path])
        register.remove(name)
        #expect(register.sources(for: []).isEmpty)
        #expect(register.add(path: path, serial: nil, to: []) == name)
        let second = try #require(AbsolutePath("/run/second.sock"))
        let number = EntropyKeySerial(Self.other)
        #expect(register.add(path: second, serial: number, to: []) != name)
        #expect(register.sources(for: []).map(\.serial) == [nil, number])
    }

    @Test("what is at work already is not added")
    func addKnown() throws {
        bus.plug()
        look()
        let terminal = try #require(AbsolutePath("/dev/ttyACM0"))
        #expect(
            register.add(path: terminal, serial: nil, to: [every()])
                == "entropy-key-\(FakeBus.serial)"
        )
        #expect(register.sources(for: [every()]).count == 1)
    }

    @Test("an order reaches the source of that name alone")
    func orders() {
        let (lab, own) = (named("lab", path: "/run/a"), named("own", path: "/run/b"))
        let (first, second) = (register.settings(of: lab), register.settings(of: own))
        register.give(.revive(.reopen), to: "lab")
        register.give(.reset, to: "nobody")
        #expect(second.orders.take() == nil)
        // A source that is started anew has the same place for them.
        #expect(register.settings(of: lab).orders.take() == .revive(.reopen))
        #expect(first.orders.take() == nil)
    }

    // MARK: Keyrings

    @Test("lines that are no entries are named, and a keyring that everyone may read")
    func remarks() {
        let lab = named("lab", path: "/run/a")
        let file = folder.write("# mine\n\(FakeBus.serial) short\n", to: "keyring")
        chmod(file, 0o644)
        #expect(
            register.readKeyrings(for: [lab]).remarks == [
                "\(file): line 2 is ignored: its long-term key is not 44 base64 characters for 32 bytes",
                "every user may read the keyring: chmod o-r \(file)",
            ]
        )
        folder.write("\(FakeBus.serial) \(Self.longTermKey)\n", to: "keyring")
        chmod(file, 0o640)
        #expect(register.readKeyrings(for: [lab]) == KeyringReport())
    }

    @Test("a keyring is read, read again, and kept when it cannot be")
    func keyring() throws {
        let lab = named("lab", path: "/run/a")
        let file = folder.write("\(FakeBus.serial) \(Self.longTermKey)\n", to: "keyring")
        #expect(register.readKeyrings(for: [lab]).troubles.isEmpty)
        let ring = register.settings(of: lab).keyring
        let serial = try #require(EntropyKeySerial(FakeBus.serial))
        let newSerial = try #require(EntropyKeySerial(Self.other))
        #expect(ring.longTermKey(for: serial) != nil)
        #expect(ring.words == file)

        folder.write("\(Self.other) \(Self.longTermKey)\n", to: "keyring")
        #expect(ring.longTermKey(for: newSerial) == nil)
        #expect(register.readKeyrings(for: [lab]).troubles.isEmpty)
        #expect(ring.longTermKey(for: newSerial) != nil)
        #expect(ring.longTermKey(for: serial) == nil)

        unlink(file)
        #expect(
            register.readKeyrings(for: [lab]).troubles == ["the keyring \(file) does not exist"]
        )
        mkdir(file, 0o700)
        let troubles = register.readKeyrings(for: [lab]).troubles
        #expect(troubles.count == 1)
        #expect(troubles.first?.contains("\(file) is not a regular file") == true)
        rmdir(file)
        #expect(ring.longTermKey(for: newSerial) != nil)
        #expect(ring.words == file)
    }

    @Test("a keyring that is not there, or cannot be read, from the start is told with the reason")
    func noKeyring() throws {
        let file = folder.file("keyring")
        let lab = named("lab", path: "/run/a")
        #expect(register.settings(of: lab).keyring.words == "\(file): there is no such file")
        let serial = try #require(EntropyKeySerial(FakeBus.serial))
        #expect(register.settings(of: lab).keyring.longTermKey(for: serial) == nil)
        let unreadable = KeyRegister(systemRoot: bus.root)
        mkdir(file, 0o700)
        #expect(unreadable.readKeyrings(for: [lab]).troubles.count == 1)
        #expect(unreadable.settings(of: lab).keyring.words.contains("not a regular file"))
        // It may be mended while the daemon runs.
        rmdir(file)
        folder.write("\(FakeBus.serial) \(Self.longTermKey)\n", to: "keyring")
        #expect(unreadable.readKeyrings(for: [lab]).troubles.isEmpty)
        #expect(unreadable.settings(of: lab).keyring.words == file)
        #expect(unreadable.settings(of: lab).keyring.longTermKey(for: serial) != nil)
    }

    @Test("nobody hears of a keyring that only a key would need that is not there")
    func unneeded() {
        #expect(register.readKeyrings(for: [every(isImplicit: true)]).troubles.isEmpty)
        #expect(register.readKeyrings(for: [every()]).troubles.count == 1)
        bus.plug()
        look()
        let wanted = [every(isImplicit: true)]
        #expect(
            register.readKeyrings(for: register.sources(for: wanted) + wanted).troubles.count == 1
        )
    }

    @Test("two entries with one keyring share it; each has its own settings")
    func settings() {
        var lab = named("lab", path: "/run/a")
        lab.recovery = nil
        lab.temperature = 10...40
        var own = named("own", serial: FakeBus.serial)
        own.recovery = .rebind
        own.voltage = 3...3.5
        let (first, second) = (register.settings(of: lab), register.settings(of: own))
        #expect(first.keyring === second.keyring)
        #expect(first.recoveryLimit == nil)
        #expect(second.recoveryLimit == .rebind)
        #expect(first.limits.temperature == 10...40)
        #expect(first.limits.voltage == EntropyKeyVouching.Limits.standard.voltage)
        #expect(second.limits.voltage == 3...3.5)
        #expect(second.serial?.description == FakeBus.serial)
        #expect(first.orders !== second.orders)
    }

    private static let longTermKey = "ZN5z/Hhs6cv2WMLpsVV/oPdXU9q55IZ+4ODeoLxtq5I="
}
