// The calls that ekeyd knows, one by one.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy
internal import LinuxSystem

extension EkeydConfiguration {
    /// Takes one call over. Its values are judged before anything is changed.
    mutating func take(_ call: LuaCall) throws(LuaProblem) {
        switch call.name {
        case "UnixControlSocket": try takeControlSocket(call)
        case "TCPControlSocket":
            _ = try LuaArguments(call, atMost: 1).port(0)
            note(
                call,
                "left out: Wellspring's control socket is a Unix socket only, whose mode says who may use "
                    + "it; over TCP every user of the machine could"
            )
        case "Keyring":
            let path = try LuaArguments(call, atMost: 1).path(0)
            if let keyring {
                note(
                    call,
                    "as with ekeyd, this keyring is used and that of line \(keyring.line) is not"
                )
            }
            keyring = Setting(path, call)
        case "Daemonise":
            _ = try LuaArguments(call, atMost: 1).flag(0)
            note(
                call,
                "left out: wellspring run stays in the foreground, and the service manager (unit "
                    + "wellspring.service) cares for the background"
            )
        case "SetOutputToKernel": try takeKernelOutput(call)
        case "EGDUnixSocket": try takeUnixOutput(call)
        case "EGDTCPSocket": try takeInternetOutput(call)
        case "SetOutputToFile":
            throw LuaProblem(
                call.position,
                "Wellspring as a service writes to no file: remove this call, and start wellspring read "
                    + "--endless --quality full-entropy --output FILE where a file is needed"
            )
        case "AddEntropyKey":
            let values = try LuaArguments(call, atMost: 2)
            try add(.one(path: try values.path(0), serial: try values.serial(1)), call)
        case "AddEntropyKeys":
            try add(.all(folder: try LuaArguments(call, atMost: 1).path(0)), call)
        case "Print", "MLPrint", "KVPrint":
            note(call, "left out: a message to whoever starts ekeyd")
        default: throw unknown(call)
        }
    }

    private mutating func takeControlSocket(_ call: LuaCall) throws(LuaProblem) {
        let path = try LuaArguments(call, atMost: 1).socketPath(0)
        if let controlSocket {
            note(
                call,
                "left out: Wellspring has one control socket, which is that of line "
                    + "\(controlSocket.line)"
            )
            return
        }
        controlSocket = Setting(path, call)
        note(
            call,
            "the socket speaks Wellspring's own protocol: use wellspring status and wellspring key in "
                + "place of ekeydctl, and change whatever else asks ekeyd there"
        )
    }

    private mutating func takeKernelOutput(_ call: LuaCall) throws(LuaProblem) {
        let bits = try LuaArguments(call, atMost: 1).bits(0) ?? Self.bitsWhereNoneAreGiven
        guard kernelOutput == nil, unixOutput == nil, internetOutput == nil else {
            throw secondOutput(call)
        }
        kernelOutput = Setting(bits, call)
        guard bits > .zero else { return }
        note(
            call,
            "Wellspring tests what the keys give and credits the share credit.safety-factor of the claim: "
                + "the kernel is given fewer bytes, each of full entropy"
        )
    }

    private mutating func takeUnixOutput(_ call: LuaCall) throws(LuaProblem) {
        let values = try LuaArguments(call, atMost: 4)
        let output = UnixOutput(
            path: try values.socketPath(0),
            mode: try values.mode(1) ?? Self.modeWhereNoneIsGiven,
            owner: try values.account(2, "user"),
            group: try values.account(3, "group")
        )
        guard kernelOutput == nil, unixOutput == nil else { throw secondOutput(call) }
        unixOutput = Setting(output, call)
    }

    private mutating func takeInternetOutput(_ call: LuaCall) throws(LuaProblem) {
        let values = try LuaArguments(call, atMost: 2)
        let address = InternetAddress(host: try values.host(1), port: try values.port(0))
        guard kernelOutput == nil, internetOutput == nil else { throw secondOutput(call) }
        internetOutput = Setting(address, call)
        guard !address.host.isLoopback else { return }
        note(
            call,
            "ekeyd lets every host in that reaches \(address), so the key allow does, too: narrow it to "
                + "those that shall have entropy, which EGD does not encrypt"
        )
    }

    /// The same path again is the same key to ekeyd.
    private mutating func add(_ key: Key, _ call: LuaCall) throws(LuaProblem) {
        guard !keys.contains(where: { $0.value.path == key.path }) else { return }
        guard keys.count < Self.mostKeys else {
            throw LuaProblem(
                call.position,
                "more than \(Self.mostKeys) keys are added: write AddEntropyKeys for all that are plugged in"
            )
        }
        keys.append(Setting(key, call))
        if case .all(let folder) = key, !Self.keyFolders.contains(folder.text) {
            note(
                call,
                "Wellspring looks for no keys in \(quoted(folder.text)): it finds all that are plugged in "
                    + "by their USB identity; name others one by one with path"
            )
        }
    }

    private mutating func note(_ call: LuaCall, _ text: String) {
        notes.append(Note(line: call.position.line, call: call.name, text: text))
    }

    private func secondOutput(_ call: LuaCall) -> LuaProblem {
        LuaProblem(
            call.position,
            "an output is chosen already, and ekeyd, too, ends here: keep either SetOutputToKernel or one "
                + "EGDUnixSocket with one EGDTCPSocket"
        )
    }

    private func unknown(_ call: LuaCall) -> LuaProblem {
        if Self.commands.contains(call.name) {
            return LuaProblem(
                call.position,
                "\(call.name) is a command for a running ekeyd and no setting: remove it"
            )
        }
        let hint =
            nearest(to: call.name, of: Self.settings).map { "did you mean \($0)?" }
            ?? "ekeyd knows \(Self.settings.joined(separator: ", "))"
        return LuaProblem(call.position, "\(quoted(call.name)) is no call of ekeyd: \(hint)")
    }

    /// Where the rules for the service manager of ekeyd put its keys: serial ports and raw USB.
    static let keyFolders = ["/dev/entropykey", "/var/run/entropykeys", "/run/entropykeys"]

    private static let settings = [
        "UnixControlSocket", "TCPControlSocket", "Keyring", "Daemonise", "SetOutputToKernel",
        "EGDUnixSocket", "EGDTCPSocket", "SetOutputToFile", "AddEntropyKey", "AddEntropyKeys",
    ]
    private static let commands = [
        "ListEntropyKeys", "StatEntropyKey", "RemoveEntropyKey", "Bye", "Shutdown",
    ]
    /// Half of the 127 devices that one USB bus can have.
    private static let mostKeys = 64
    /// Bits per byte that ekeyd claims to the kernel where the call does not say.
    private static let bitsWhereNoneAreGiven = BitsPerSample(4)!
    private static let modeWhereNoneIsGiven = FileMode(0o600)!
}

extension EkeydConfiguration.Setting {
    init(_ value: Value, _ call: LuaCall) {
        self.init(value: value, call: call.name, line: call.position.line)
    }
}
