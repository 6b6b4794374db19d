// The options by which a command names one noise source.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Configuration
internal import Daemon
internal import Entropy
internal import FoundationEssentials
internal import Glibc
internal import NoiseSources
internal import UpstreamSources

/// Options of commands that open a noise source themselves.
struct SourceOptions: ParsableArguments {
    @Option(help: "stream, hwrng: the device, FIFO or file to read.")
    var path: String?

    @Option(help: "stream: speed of a serial line in bits per second.")
    var speed: Int?

    @Option(help: "command: the command line whose standard output is read.")
    var command: String?

    @Option(help: "egd: a server to read from, tcp://HOST:PORT or unix:/PATH (repeatable).")
    var upstream: [String] = []

    @Option(help: "Min-entropy per sample that you state, in bits; health tests use it.")
    var claim: Double?

    @Option(help: "havege: size of the data cache, such as 48KiB.")
    var dataCache: ByteSize?

    @Option(help: "havege: size of the instruction cache, such as 32KiB.")
    var instructionCache: ByteSize?

    @Option(help: "havege: copies of the step that run (1 to 64).")
    var copies: Int?

    @Option(help: "Take named sources from this configuration file.")
    var config: String?

    func validate() throws {
        if let claim, BitsPerSample(claim) == nil || claim > 8 {
            throw ValidationError("--claim is a number of bits per sample from 0 to 8.")
        }
        for text in upstream { _ = try endpoint(text) }
        if let copies, !(1...64).contains(copies) {
            throw ValidationError("--copies is a number from 1 to 64.")
        }
    }

    /// The settings that were given, by name.
    var named: [String: String] {
        [
            "path": path, "speed": speed.map { "\($0)" }, "command": command,
            "upstream": upstream.isEmpty ? nil : upstream.joined(separator: ", "),
            "data-cache": dataCache.map { "\($0.byteCount)" },
            "instruction-cache": instructionCache.map { "\($0.byteCount)" },
            "copies": copies.map { "\($0)" },
        ].compactMapValues { $0 }
    }

    /// The source of this name: an entry of the configuration file, else a built-in kind.
    func source(named name: String) throws -> any NoiseSource {
        let lines = LineHandler { Terminal.note("\(name): \($0)") }
        var settings = NoiseSourceSettings()
        settings.lineHandler = lines
        var kind = NoiseSourceRegistry.find(name)
        var listed: Source?
        if let config {
            let file = try Configuration.load(path: config, directories: .ofThisProcess())
            if case .listed(let entries) = file.sources,
                let entry = entries.first(where: { $0.name == name })
            {
                listed = entry
                kind = NoiseSourceRegistry.find(entry.type.rawValue)
                settings = NoiseSourceSettings(entry, lineHandler: lines)
            }
        }
        guard let kind else {
            let names = NoiseSourceRegistry.all.map { $0.standard.name }.joined(separator: ", ")
            throw ValidationError("There is no source \(name). Known are: \(names).")
        }
        settings.name = name
        if kind.standard.name == EntropyKeyTool.sourceName {
            settings.entropyKey = EntropyKeyTool.settings(for: listed)
        }
        if let path { settings.path = path }
        if let speed { settings.speed = speed }
        if let command { settings.commandLine = command }
        if !upstream.isEmpty { settings.upstreams = try upstream.map { try endpoint($0) } }
        if let claim = claim.flatMap({ BitsPerSample($0) }) {
            settings.claim = EntropyClaim(minEntropy: claim, origin: .operatorStated)
        }
        if let dataCache { settings.dataCacheByteCount = dataCache.byteCount }
        if let instructionCache { settings.instructionCacheByteCount = instructionCache.byteCount }
        if let copies { settings.loopCopies = copies }
        return kind.init(settings)
    }
}

/// `512`, `64KiB`, `1MB`, as in the configuration.
extension ByteSize: ExpressibleByArgument {
    init?(argument: String) {
        guard let size = ByteSize(text: argument) else { return nil }
        self = size
    }
}

extension RuntimeDirectories {
    /// For the user and the environment of this process.
    static func ofThisProcess() throws -> RuntimeDirectories {
        try current(userID: geteuid(), environment: ProcessInfo.processInfo.environment)
    }
}

extension String {
    /// Where a daemon of this user listens unless it was configured otherwise.
    static func standardControlSocket() throws -> String {
        try RuntimeDirectories.ofThisProcess().run.appending("control.sock").text
    }
}
