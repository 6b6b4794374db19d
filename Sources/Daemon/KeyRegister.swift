// Which Entropy Keys there are to work with: named ones, those plugged in, those that an operator added.
// SPDX-License-Identifier: Apache-2.0

package import Configuration
internal import EntropyKeyDevice
internal import EntropyKeyProtocol
internal import Glibc
internal import LinuxSystem
package import NoiseSources

/// Owned by the main thread. Turns an entry that means every key into one for each, and keeps what all
/// of them share: keyrings, orders, the operator's changes while the daemon runs.
final class KeyRegister {
    private let locator: KeyLocator
    /// By path.
    private var keyrings: [String: SharedKeyring] = [:]
    /// By the source's name.
    private var orders: [String: EntropyKeyOrders] = [:]
    /// Numbers of keys that were plugged in at some time, in order of their first sight. One that was pulled
    /// out stays: its source says so.
    private var seen: [EntropyKeySerial] = []
    /// By an operator, until the next start.
    private var added: [Source] = []
    /// By an operator, until the next start or reload.
    private var removed: Set<String> = []

    /// `systemRoot` stands before every path of sysfs; empty outside tests.
    init(systemRoot: String = "") { locator = KeyLocator(systemRoot: systemRoot) }

    /// Looks what is plugged in.
    func look() {
        for location in locator.all() {
            guard let serial = location.serial, !seen.contains(serial) else { continue }
            seen.append(serial)
        }
    }

    /// The sources that `wanted` stands for now.
    func sources(for wanted: [Source]) -> [Source] {
        all(for: wanted).filter { !removed.contains($0.name) }
    }

    /// With those that an operator removed.
    private func all(for wanted: [Source]) -> [Source] {
        let named = Set(wanted.filter { !$0.meansEveryKey }.compactMap(serial))
        var sources: [Source] = []
        for entry in wanted {
            guard entry.meansEveryKey else {
                sources.append(entry)
                continue
            }
            let found = seen.filter { !named.contains($0) }.map { serial in
                var source = entry
                source.name = "\(entry.name)-\(serial)"
                source.serial = serial
                return source
            }
            // It would take the first key there is, also one that has an entry of its own.
            if seen.isEmpty, !entry.isImplicit { sources.append(entry) }
            sources += found
        }
        let taken = Set(sources.map(\.name))
        return sources + added.filter { !taken.contains($0.name) }
    }

    /// What the source of `entry` is given.
    func settings(of entry: Source) -> EntropyKeySettings {
        var settings = EntropyKeySettings()
        settings.serial = entry.serial
        settings.access = entry.access
        settings.recoveryLimit = entry.recovery
        if let temperature = entry.temperature { settings.limits.temperature = temperature }
        if let voltage = entry.voltage { settings.limits.voltage = voltage }
        settings.keyring = keyring(at: entry.keyringPath)
        settings.orders = orders[entry.name] ?? EntropyKeyOrders()
        orders[entry.name] = settings.orders
        return settings
    }

    // MARK: Keyrings

    /// Reads all keyrings that `wanted` needs. What is wrong with them, in sentences; nothing about those
    /// that only a key would need that is not there.
    func readKeyrings(for wanted: [Source]) -> KeyringReport {
        let keys = wanted.filter { $0.type == .entropyKey }
        let needed = Set(
            keys.filter { !($0.isImplicit && $0.meansEveryKey) }.map(\.keyringPath)
        )
        var report = KeyringReport()
        for path in Set(keys.map(\.keyringPath)).sorted() {
            let reading = read(path)
            if let shared = keyrings[path] {
                // What cannot be read again is kept as it is.
                if reading.trouble == nil { shared.replace(with: reading.keyring, place: path) }
            } else {
                keyrings[path] = reading.shared(at: path)
            }
            report.remarks += reading.remarks
            guard needed.contains(path), let trouble = reading.trouble else { continue }
            report.troubles.append(
                trouble == Self.missing ? "the keyring \(path) does not exist" : trouble
            )
        }
        return report
    }

    private func keyring(at path: String) -> SharedKeyring {
        if let shared = keyrings[path] { return shared }
        let shared = read(path).shared(at: path)
        keyrings[path] = shared
        return shared
    }

    /// What came of one file.
    private struct Reading {
        var keyring = Keyring()
        /// Why there is nothing.
        var trouble: String?
        var remarks: [String] = []

        func shared(at path: String) -> SharedKeyring {
            SharedKeyring(keyring, place: path, trouble: trouble)
        }
    }

    private func read(_ path: String) -> Reading {
        do {
            let contents = try KeyringFile(path: readable(path)).read()
            var reading = Reading(keyring: contents.keyring)
            if contents.isMissing { reading.trouble = Self.missing }
            reading.remarks = contents.keyring.flaws.map { "\(path): \($0)" }
            if contents.everyoneMayRead {
                reading.remarks.append("every user may read the keyring: chmod o-r \(path)")
            }
            return reading
        } catch {
            return Reading(trouble: "\(error)")
        }
    }

    private static let missing = "there is no such file"

    /// The file itself; where this user may not read it, what the service manager passed of it.
    private func readable(_ path: String) -> String {
        guard path == KeyringFile.standardPath, access(path, R_OK) != 0, errno == EACCES,
            let folder = getenv("CREDENTIALS_DIRECTORY")
        else { return path }
        let credential = String(cString: folder) + "/entropy-key-keyring"
        return access(credential, R_OK) == 0 ? credential : path
    }

    // MARK: An operator's changes

    /// The name of the source of a key that `tag` means: its name, serial number, path or a path's last part.
    func name(of tag: String, among sources: [Source]) -> String? {
        let found = locator.at(path: tag.hasPrefix("/") ? tag : "/dev/" + tag)?.serial
        // A number may begin with a slash, too.
        let numbers = [EntropyKeySerial(fileName: tag), found]
        return sources.first { source in
            guard source.type == .entropyKey else { return false }
            let path = source.path?.text
            return [source.name, path, path?.split(separator: "/").last.map(String.init)]
                .contains(tag) || serial(of: source).map { numbers.contains($0) } == true
        }?.name
    }

    /// Takes back an earlier removal, or adds a source; the source's name.
    func add(path: AbsolutePath, serial: EntropyKeySerial?, to wanted: [Source]) -> String {
        let sources = all(for: wanted)
        let number = serial ?? locator.at(path: path.text)?.serial
        let known =
            name(of: path.text, among: sources)
            ?? number.flatMap { name(of: $0.description, among: sources) }
        if let known {
            removed.remove(known)
            return known
        }
        var source = Source(name: "entropy-key-added-\(added.count + 1)", type: .entropyKey)
        source.path = path
        source.serial = serial
        added.append(source)
        return source.name
    }

    func remove(_ name: String) { removed.insert(name) }

    func takeBackRemovals() { removed = [] }

    func give(_ order: EntropyKeyOrders.Order, to name: String) { orders[name]?.give(order) }

    private func serial(of source: Source) -> EntropyKeySerial? {
        source.serial ?? source.path.flatMap { locator.at(path: $0.text)?.serial }
    }
}

/// Sentences about keyrings that were read.
struct KeyringReport: Equatable {
    /// Why one could not be read.
    var troubles: [String] = []
    /// What is amiss with one that could.
    var remarks: [String] = []

    var all: [String] { troubles + remarks }
}

/// An Entropy Key for the tools, which work without a daemon.
package enum EntropyKeyTool {
    package static let sourceName = SourceType.entropyKey.rawValue

    /// With the keyring of `entry`, nil standing for any key; a key that does not answer is not revived, which
    /// takes minutes.
    package static func settings(for entry: Source?) -> EntropyKeySettings {
        let any = Source(name: sourceName, type: .entropyKey)
        var settings = KeyRegister().settings(of: entry ?? any)
        settings.recoveryLimit = nil
        return settings
    }
}

extension Source {
    fileprivate var keyringPath: String { keyring?.text ?? KeyringFile.standardPath }
}
