// From the text of the file to a configuration, with the rules that span several keys.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

extension Configuration {
    /// The configuration that `bytes` describe; keys that are absent keep their defaults. `file` is
    /// what messages call it.
    package init(
        parsing bytes: [UInt8],
        file: String,
        directories: RuntimeDirectories
    ) throws(ConfigurationError) {
        let root = try ConfigurationDocument.root(of: bytes, file: file)
        self = .default(for: directories)
        var reader = ConfigurationReader(root, path: "")
        reader.read(Keys.root, into: &self)
        reader.read("log", Keys.log, into: &log)
        reader.read("reservoir", Keys.reservoir, into: &reservoir)
        reader.read("credit", Keys.credit, into: &credit)
        reader.read("drbg", Keys.drbg, into: &drbg)
        reader.read("server", Keys.server, into: &server)
        readSources(&reader)
        readListeners(&reader)
        reader.read("control", Keys.control, into: &control)
        reader.read("feeder", Keys.feeder, into: &feeder)
        reader.finish()
        // Rules between keys are judged only on values that are right by themselves.
        if reader.problems.isEmpty { judge(&reader) }
        guard reader.problems.isEmpty else {
            throw ConfigurationError(file: file, problems: sorted(reader.problems))
        }
    }

    private mutating func readSources(_ reader: inout ConfigurationReader) {
        guard reader.has("sources") else { return reader.section("sources") { _ in } }
        var listed: [Source] = []
        reader.section("sources") { sources in
            for name in sources.names where sources.isName(name) {
                sources.section(name) { listed.append(source(named: name, &$0)) }
            }
        }
        self.sources = .listed(listed)
    }

    private func source(named name: String, _ reader: inout ConfigurationReader) -> Source {
        let typeOfName = SourceType(rawValue: name)
        // A stand-in where the type is unknown: the problem is reported, the value never used.
        var source = Source(name: name, type: typeOfName ?? .stream)
        if typeOfName == nil && !reader.has("type") {
            let types = SourceType.allCases.map(\.rawValue).joined(separator: ", ")
            reader.report(
                "missing: \(quoted(name)) is no type of source, so say one of \(types)",
                at: reader.position,
                "type"
            )
        }
        reader.read(Keys.source, into: &source)
        guard reader.problems.isEmpty else { return source }
        reader.read(Keys.source(of: source.type), into: &source)
        if source.type == .stream && !reader.has("path") {
            reader.report(
                "missing: a source of type stream needs the path that it reads",
                at: reader.position,
                "path"
            )
        }
        if source.type == .command && !reader.has("command") {
            reader.report(
                "missing: a source of type command needs the command line that it runs",
                at: reader.position,
                "command"
            )
        }
        if source.type == .egd && source.upstreams.isEmpty && reader.problems.isEmpty {
            reader.report(
                "missing: a source of type egd needs the servers that it reads from, such as "
                    + "[tcp://10.0.0.1:8888]",
                at: reader.position(of: "upstreams"),
                "upstreams"
            )
        }
        if source.type == .kernel, let claim = source.claim, claim > .zero {
            reader.report(
                "the kernel's own output is never credited: remove the claim",
                at: reader.position(of: "claim"),
                "claim"
            )
        }
        reader.finish()
        return source
    }

    /// Rules that span several keys.
    private func judge(_ reader: inout ConfigurationReader) {
        if case .listed(let sources) = sources {
            let creditable = sources.count(where: \.canBeCredited)
            if !sources.contains(where: \.isEnabled) {
                reader.report(
                    "no source is left: enable one, or remove the key to use what there is",
                    at: reader.position(of: "sources"),
                    "sources"
                )
            } else if creditable < credit.minimumSources {
                reader.report(
                    "credit.minimum-sources is \(credit.minimumSources), but only \(creditable) of "
                        + "these sources can be credited: no block would ever be complete",
                    at: reader.position(of: "sources"),
                    "sources"
                )
            }
        }
        judgeListeners(&reader)
        if feeder.enabled == .yes && feederListener == nil {
            reader.report(
                "the feeder takes its blocks from a full-entropy Unix listener without greeting, and "
                    + "there is none: add one or write no",
                at: reader.position(of: "feeder"),
                "feeder.enabled"
            )
        }
    }
}

extension ConfigurationReader {
    /// Reads a section that has no other keys than `keys`.
    mutating func read<Model>(
        _ name: String,
        _ keys: [Key<Model>],
        into model: inout Model
    ) {
        section(name) { reader in
            reader.read(keys, into: &model)
            reader.finish()
        }
    }

    /// Whether a source or listener may be called `name`; reported if not.
    mutating func isName(_ name: String) -> Bool {
        let isFine =
            (1...32).contains(name.utf8.count) && name.first != "-"
            && name.utf8.allSatisfy { byte in
                isAlphanumeric(byte) && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
        if !isFine {
            report(
                "\(quoted(name)) is not a name: write 1 to 32 lower-case letters, digits and "
                    + "hyphens",
                at: position(of: name)
            )
        }
        return isFine
    }
}

/// In the order of the file; without a position last.
func sorted(
    _ problems: [ConfigurationError.Problem]
) -> [ConfigurationError.Problem] {
    let last = ConfigurationError.Position(line: .max, column: .max)
    return problems.enumerated()
        .sorted {
            ($0.element.position ?? last, $0.offset) < ($1.element.position ?? last, $1.offset)
        }
        .map(\.element)
}
