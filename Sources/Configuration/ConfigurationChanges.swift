// What differs between two configurations, and what a reload can do about it.
// SPDX-License-Identifier: Apache-2.0

/// The differences of two configurations as sentences.
package struct ConfigurationChanges: Sendable, Equatable {
    /// What a reload applies while clients stay connected.
    package var live: [String] = []
    /// What takes effect with the next start only.
    package var restart: [String] = []

    package var isEmpty: Bool { live.isEmpty && restart.isEmpty }
}

extension Configuration {
    /// What changes from `old` to `new`.
    package static func diff(_ old: Configuration, _ new: Configuration) -> ConfigurationChanges {
        var changes = ConfigurationChanges()
        changes.compare(Keys.root, old, new, at: "")
        changes.compare(Keys.log, old.log, new.log, at: "log.")
        changes.compare(Keys.reservoir, old.reservoir, new.reservoir, at: "reservoir.")
        changes.compare(Keys.credit, old.credit, new.credit, at: "credit.")
        changes.compare(Keys.drbg, old.drbg, new.drbg, at: "drbg.")
        changes.compare(Keys.server, old.server, new.server, at: "server.")
        changes.compareSources(old.sources, new.sources)
        changes.compareEntries(old.listeners, new.listeners, called: "Listener") { old, new in
            ConfigurationChanges.sentences(Keys.listener, old, new).map(\.text)
        }
        changes.compare(Keys.control, old.control, new.control, at: "control.")
        changes.compare(Keys.feeder, old.feeder, new.feeder, at: "feeder.")
        return changes
    }
}

extension ConfigurationChanges {
    fileprivate mutating func compare<Model>(
        _ keys: [Key<Model>],
        _ old: Model,
        _ new: Model,
        at path: String
    ) {
        for sentence in Self.sentences(keys, old, new) {
            switch sentence.reload {
            case .live: live.append("\(path)\(sentence.text).")
            case .restart: restart.append("\(path)\(sentence.text); this needs a restart.")
            }
        }
    }

    fileprivate mutating func compareSources(
        _ old: Configuration.Sources,
        _ new: Configuration.Sources
    ) {
        switch (old, new) {
        case (.available, .available): break
        case (.available, .listed(let sources)):
            let names = sources.map(\.name).joined(separator: ", ")
            live.append("The sources are now those listed (\(names)) instead of all there are.")
        case (.listed, .available):
            live.append("The sources are now all there are instead of those listed.")
        case (.listed(let old), .listed(let new)):
            compareEntries(old, new, called: "Source") { old, new in
                var keys = Keys.source + Keys.source(of: old.type)
                if new.type != old.type { keys += Keys.source(of: new.type) }
                return Self.sentences(keys, old, new).map(\.text)
            }
        }
    }

    fileprivate mutating func compareEntries<Entry: Named & Equatable>(
        _ old: [Entry],
        _ new: [Entry],
        called kind: String,
        changes: (Entry, Entry) -> [String]
    ) {
        for entry in old where !new.contains(where: { $0.name == entry.name }) {
            live.append("\(kind) \(entry.name) is removed.")
        }
        for entry in new {
            guard let before = old.first(where: { $0.name == entry.name }) else {
                live.append("\(kind) \(entry.name) is added.")
                continue
            }
            let differences = changes(before, entry).joined(separator: ", ")
            if !differences.isEmpty { live.append("\(kind) \(entry.name): \(differences).") }
        }
    }

    fileprivate static func sentences<Model>(
        _ keys: [Key<Model>],
        _ old: Model,
        _ new: Model
    ) -> [(text: String, reload: Reload)] {
        // An empty list is one, too.
        func text(_ written: String?) -> String {
            guard let written, !written.isEmpty else { return "its default" }
            return written
        }
        return keys.compactMap { key in
            let (before, after) = (text(key.write(old)), text(key.write(new)))
            return before == after
                ? nil : ("\(key.name) changes from \(before) to \(after)", key.reload)
        }
    }
}

/// What has a name in the configuration.
protocol Named {
    var name: String { get }
}

extension Source: Named {}
extension Listener: Named {}
