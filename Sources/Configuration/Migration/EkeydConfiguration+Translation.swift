// ekeyd's configuration in Wellspring's words.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy
internal import EntropyKeyProtocol
internal import LinuxSystem

extension EkeydConfiguration {
    /// A configuration file that makes Wellspring do what ekeyd did, as far as it can; ``notes`` tell
    /// the rest. Each line that says something names the call that it comes from.
    package func wellspringConfiguration() -> String {
        var text = YAMLText()
        text.comment("What an ekeyd.conf said, as a configuration of Wellspring, made by")
        text.comment(
            "\"wellspring migrate ekeyd\". Only Entropy Keys are sources, as with ekeyd: without the"
        )
        text.comment("section \"sources\" Wellspring uses all that this machine has.")
        writeSources(to: &text)
        writeListeners(to: &text)
        writeFeeder(to: &text)
        if let controlSocket {
            text.section("control")
            text.line(1, "path", controlSocket.value.text, controlSocket.origin)
        }
        return text.text
    }

    // MARK: - Sources

    private func writeSources(to text: inout YAMLText) {
        text.section("sources")
        let all = keys.filter { $0.value.isAll }
        let others = keys.filter {
            !$0.value.isAll && (all.isEmpty || $0.value.serialOfPath == nil)
        }
        if !all.isEmpty || others.isEmpty {
            let origin = all.map(\.origin).joined(separator: "; ")
            text.line(1, "entropy-key", nil, all.isEmpty ? "all keys, since none is named" : origin)
            text.line(2, "type", "entropy-key", all.isEmpty ? nil : origin)
            writeCommon(to: &text)
        }
        for (index, key) in others.enumerated() {
            guard case .one(let path, let serial) = key.value else { continue }
            text.line(1, "entropy-key-\(index + 1)", nil, key.origin)
            text.line(2, "type", "entropy-key", key.origin)
            // The links that ekeyd's rules make go away with ekeyd; the serial number stays.
            let serialOfPath = key.value.serialOfPath
            if let serial = serial ?? serialOfPath {
                text.line(2, "serial", serial.description, key.origin)
            }
            if serialOfPath == nil || serial != nil && serial != serialOfPath {
                text.line(2, "path", path.text, key.origin)
            }
            writeCommon(to: &text)
        }
    }

    private func writeCommon(to text: inout YAMLText) {
        if let keyring { text.line(2, "keyring", keyring.value.text, keyring.origin) }
        if let kernelOutput, kernelOutput.value > .zero {
            text.line(2, "claim", number(kernelOutput.value), kernelOutput.origin)
        }
    }

    // MARK: - Outputs

    private func writeListeners(to text: inout YAMLText) {
        guard unixOutput != nil || internetOutput != nil else { return }
        text.section("listeners")
        if let unixOutput {
            let (output, origin) = (unixOutput.value, unixOutput.origin)
            text.line(1, "egd", nil, origin)
            text.line(2, "path", output.path.text, origin)
            text.line(2, "quality", "full-entropy", origin)
            text.line(2, "mode", output.mode.description, origin)
            if let owner = output.owner { text.line(2, "owner", owner.text, origin) }
            if let group = output.group { text.line(2, "group", group.text, origin) }
        }
        if let internetOutput {
            let (address, origin) = (internetOutput.value, internetOutput.origin)
            text.line(1, "egd-tcp", nil, origin)
            text.line(2, "address", address.description, origin)
            text.line(2, "quality", "full-entropy", origin)
            if !address.host.isLoopback {
                text.line(2, "allow", address.host.isIPv6 ? "::/0" : "0.0.0.0/0", origin)
            }
        }
    }

    private func writeFeeder(to text: inout YAMLText) {
        if let kernelOutput {
            text.section("feeder")
            text.line(1, "enabled", "yes", kernelOutput.origin)
            if kernelOutput.value == .zero { text.line(1, "credit", "none", kernelOutput.origin) }
        } else if let origin = unixOutput?.origin ?? internetOutput?.origin {
            text.section("feeder")
            text.comment(
                "ekeyd left the kernel to ekeyd-egd-linux; auto makes Wellspring feed it.",
                depth: 1
            )
            text.line(1, "enabled", "no", origin)
        }
    }

    private func number(_ bits: BitsPerSample) -> String {
        Int(exactly: bits.value).map { "\($0)" } ?? "\(bits.value)"
    }
}

extension EkeydConfiguration.Setting {
    /// As comments name it.
    var origin: String { "line \(line): \(call)" }
}

extension EkeydConfiguration.Key {
    fileprivate var isAll: Bool { if case .all = self { true } else { false } }

    /// The serial number that a link of ekeyd's rules is named by; nil for any other path.
    fileprivate var serialOfPath: EntropyKeySerial? {
        let parts = path.text.split(separator: "/").map(String.init)
        guard case .one = self, let name = parts.last,
            EkeydConfiguration.keyFolders.contains("/" + parts.dropLast().joined(separator: "/"))
        else { return nil }
        return EntropyKeySerial(fileName: name)
    }
}
