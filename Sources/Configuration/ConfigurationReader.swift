// Consumes the keys of one YAML mapping and remembers what nobody asked for.
// SPDX-License-Identifier: Apache-2.0

internal import Yams

/// Reads one mapping. Problems are collected, never thrown, so that one run shows them all.
struct ConfigurationReader {
    /// Names from the root; empty for the root.
    let path: String
    /// Where the mapping begins; nil for an empty document.
    let position: ConfigurationError.Position?
    private(set) var problems: [ConfigurationError.Problem] = []

    private var entries: [(key: String, position: ConfigurationError.Position?, value: Node)] = []
    private var known: [String] = []

    /// An empty document, or no value after a key, is a mapping without keys.
    init(_ node: Node?, path: String) {
        self.path = path
        position = node?.mark?.position
        guard let node, !node.isEmptyScalar else { return }
        guard case .mapping(let mapping) = node else {
            let found = node.scalar.map { ", not \(quoted($0.string))" } ?? ", not a list"
            report("keys with values are expected here\(found)", at: position)
            return
        }
        for (key, value) in mapping {
            guard case .scalar(let name) = key else {
                report("a key is expected here, not a list or a mapping", at: key.mark?.position)
                continue
            }
            let place = name.mark?.position
            if entries.contains(where: { $0.key == name.string }) {
                report(
                    "the key \(quoted(name.string)) is written more than once: keep one",
                    at: place
                )
            } else {
                entries.append((name.string, place, value))
            }
        }
    }

    /// The names of all keys, in the order of the file.
    var names: [String] { entries.map(\.key) }

    /// Whether the key has a value of any kind.
    func has(_ name: String) -> Bool {
        entries.contains { $0.key == name && !$0.value.isEmptyScalar }
    }

    func position(of name: String) -> ConfigurationError.Position? {
        entries.first { $0.key == name }?.value.mark?.position ?? position
    }

    /// Reads every key of `keys` that is there; an empty value leaves the default.
    mutating func read<Model>(_ keys: [Key<Model>], into model: inout Model) {
        for key in keys {
            known.append(key.name)
            guard let node = entries.first(where: { $0.key == key.name })?.value,
                !node.isEmptyScalar
            else { continue }
            if let checkElement = key.checkElement, case .sequence(let sequence) = node {
                let elements = sequence.compactMap { text(of: $0, key.name) }
                guard elements.count == sequence.count else { continue }
                let complaints = zip(sequence, elements).compactMap { node, element in
                    checkElement(element).map { ($0, node.mark?.position) }
                }
                for (complaint, place) in complaints { report(complaint, at: place, key.name) }
                guard complaints.isEmpty else { continue }
                read(key, elements.joined(separator: ","), at: node, into: &model)
            } else if let text = text(of: node, key.name) {
                let complaints = key.checkElement.map { listElements(text).compactMap($0) } ?? []
                for complaint in complaints { report(complaint, at: node.mark?.position, key.name) }
                guard complaints.isEmpty else { continue }
                read(key, text, at: node, into: &model)
            }
        }
    }

    private mutating func read<Model>(
        _ key: Key<Model>,
        _ text: String,
        at node: Node,
        into model: inout Model
    ) {
        if let complaint = key.read(text, &model) {
            report(complaint, at: node.mark?.position, key.name)
        }
    }

    /// The text of a single value; anything else is reported.
    private mutating func text(of node: Node, _ name: String) -> String? {
        let place = node.mark?.position
        guard case .scalar(let scalar) = node else {
            report("one value is expected here, not a list or a mapping", at: place, name)
            return nil
        }
        if let tag = scalar.privateTag {
            report("the tag \(quoted(tag)) has no meaning here: remove it", at: place, name)
            return nil
        }
        return scalar.string
    }

    /// Reads the mapping of the key `name`, if it is there; `body` asks for its keys.
    mutating func section(_ name: String, _ body: (inout ConfigurationReader) -> Void) {
        known.append(name)
        guard let entry = entries.first(where: { $0.key == name }) else { return }
        var reader = ConfigurationReader(entry.value, path: child(name))
        body(&reader)
        problems += reader.problems
    }

    /// Reports every key that nobody asked for. The last step for a mapping.
    mutating func finish() {
        for entry in entries where !known.contains(entry.key) {
            let hint =
                if let word = nearest(to: entry.key, of: known) {
                    "did you mean \(quoted(word))?"
                } else {
                    "known here: \(known.joined(separator: ", "))"
                }
            report("unknown key: \(hint)", at: entry.position, printable(entry.key))
        }
    }

    /// Adds a problem of the key `name`, or of the mapping itself.
    mutating func report(
        _ message: String,
        at place: ConfigurationError.Position?,
        _ name: String = ""
    ) {
        problems.append(
            .init(position: place, keyPath: name.isEmpty ? path : child(name), message: message)
        )
    }

    private func child(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private func printable(_ key: String) -> String { String(quoted(key).dropFirst().dropLast()) }
}

extension Node {
    /// A plain scalar that says "no value" (YAML 1.1, type null).
    fileprivate var isEmptyScalar: Bool {
        guard case .scalar(let scalar) = self else { return false }
        return scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}

extension Node.Scalar {
    /// A tag that is none of YAML's own.
    fileprivate var privateTag: String? {
        let name = tag.rawValue
        return name.isEmpty || name == "!" || name.hasPrefix("tag:yaml.org,2002:") ? nil : name
    }
}
