// From the section `listeners` to listeners, with the rules between their keys.
// SPDX-License-Identifier: Apache-2.0

internal import LinuxSystem

extension Configuration {
    /// The listener that a feeder can read blocks from: a greeting would put its replies out of step.
    package var feederListener: Listener? {
        listeners.first { $0.quality == .fullEntropy && $0.path != nil && $0.greeting == 0 }
    }

    mutating func readListeners(_ reader: inout ConfigurationReader) {
        guard reader.has("listeners") else { return reader.section("listeners") { _ in } }
        var listed: [Listener] = []
        let directories = directories
        reader.section("listeners") { listeners in
            for name in listeners.names where listeners.isName(name) {
                var listener = Listener(
                    name: name,
                    path: directories.run.appending("\(name).sock"),
                    quality: .fullEntropy
                )
                if name == "drbg" { listener = .drbg(in: directories) }
                listeners.section(name) { reader in
                    reader.read(Keys.listener, into: &listener)
                    reader.finish()
                    Self.judge(listener, &reader)
                }
                listed.append(listener)
            }
        }
        self.listeners = listed
    }

    /// Keys of one listener that do not go together.
    private static func judge(_ listener: Listener, _ reader: inout ConfigurationReader) {
        guard reader.problems.isEmpty else { return }
        if reader.has("path"), reader.has("address") {
            reader.report(
                "a listener has a path or an address, not both: make two of it",
                at: reader.position(of: "address"),
                "address"
            )
            return
        }
        let (foreign, kind, place) =
            listener.address == nil
            ? (Keys.listenerTCP, "a TCP", "an address") : (Keys.listenerUnix, "a Unix", "a path")
        for key in foreign where reader.has(key.name) {
            reader.report(
                "only \(kind) socket has this: remove it, or give \(place)",
                at: reader.position(of: key.name),
                key.name
            )
        }
        for (burst, rate) in [("client-burst", "client-rate"), ("total-burst", "total-rate")]
        where reader.has(burst) && !reader.has(rate) {
            reader.report(
                "there is no \(rate) that it belongs to: add one, or remove this",
                at: reader.position(of: burst),
                burst
            )
        }
        if let address = listener.address, !address.host.isLoopback, listener.allowedHosts.isEmpty {
            reader.report(
                "\(address) can be reached from other machines, and EGD has neither encryption nor "
                    + "passwords: say who may connect, such as allow: [192.0.2.0/24]",
                at: reader.position(of: "address"),
                "address"
            )
        }
    }

    /// No two sockets may be in one place.
    func judgeListeners(_ reader: inout ConfigurationReader) {
        var owners = [Listener.Place.unix(control.path): "control"]
        for listener in listeners {
            // Port 0 is another one each time.
            if listener.address?.port == 0 { continue }
            let keyPath = "listeners.\(listener.name)"
            guard let owner = owners.updateValue(keyPath, forKey: listener.place) else { continue }
            let (text, key) =
                switch listener.place {
                case .unix(let path): (path.text, "path")
                case .internet(let address): (address.description, "address")
                }
            reader.report(
                "\(quoted(text)) is the \(key) of \(owner), too: every socket needs its own",
                at: reader.position(of: "listeners"),
                "\(keyPath).\(key)"
            )
        }
    }
}
