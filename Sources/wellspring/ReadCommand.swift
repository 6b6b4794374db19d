// `wellspring read`: random bytes into a file or a pipe, from the daemon or without one.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Configuration
internal import Daemon
internal import EGDService
internal import Entropy
internal import Glibc
internal import LinuxSystem
internal import RandomBitGenerator

struct ReadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Write random bytes to a file or a pipe.",
        discussion: """
            full-entropy: every byte is backed by credit; comes as fast as the sources earn it. drbg: a generator \
            (SP 800-90A CTR_DRBG, AES-256) of this process, seeded and reseeded with full-entropy bytes; \
            gigabytes per second. The entropy comes from the running daemon, or, where none runs, from this \
            machine's sources directly.

            Exit status: 0 all bytes written, 69 no entropy to be had, 74 writing failed.
            """
    )

    @Argument(help: "Bytes, such as 32, 64KiB or 1GB.")
    var size: ByteSize?

    @Flag(help: "Write until the reader goes away.")
    var endless = false

    @Option(name: .shortAndLong, help: "full-entropy or drbg.")
    var quality = Listener.Quality.drbg

    @Option(name: .shortAndLong, help: "The file to write (default: standard output).")
    var output = "-"

    @Flag(help: "Use this machine's sources even where a daemon runs.")
    var standalone = false

    @Option(help: "With --standalone: only this source (repeatable).")
    var source: [String] = []

    @Option(help: "The daemon's full-entropy socket, or tcp://HOST:PORT of another machine's.")
    var socket: String?

    func validate() throws {
        guard (size != nil) != endless else {
            throw ValidationError("Say how many bytes, or --endless.")
        }
        guard source.isEmpty || standalone else {
            throw ValidationError(
                "--source goes with --standalone: the daemon has its own sources."
            )
        }
        if let socket { _ = try endpoint(socket) }
        if output == "-", Terminal.outputIsTerminal {
            throw ValidationError(
                "Random bytes would garble this terminal. Use -o FILE, or a pipe: "
                    + "wellspring read 16 | od -An -tx1"
            )
        }
    }

    func run() throws {
        try Interruption.watch()
        do {
            let supply = try EntropySupply.open(
                socket: socket,
                standalone: standalone,
                sources: source
            )
            defer { supply.close() }
            try write(from: supply)
        } catch let error as ExitCode {
            throw error
        } catch let error as SupplyError {
            throw Terminal.fail(error, ExitStatus.unavailable)
        } catch let error as SystemError where output == "-" && error.code == EPIPE {
            // The reader has what it wanted: `wellspring read --endless | head -c 100`.
        } catch {
            throw Terminal.fail(error, ExitStatus.inputOutput)
        }
    }

    private func write(from supply: EntropySupply) throws {
        let file = try OutputFile(path: output)
        let total = size?.byteCount
        let chunk = quality == .drbg ? generatorChunk : entropyChunk
        let buffer = SecretBytes(count: chunk)
        var generator = quality == .drbg ? try Generator(supply) : nil
        var bar = ProgressBar("reading", total: total, unit: "B")
        var done = 0
        while done < total ?? .max {
            let wanted = min(chunk, (total ?? .max) - done)
            let count = try buffer.withMutableBytes { memory in
                let part = UnsafeMutableRawBufferPointer(rebasing: memory[..<wanted])
                if generator != nil {
                    try generator!.fill(part)
                    return wanted
                }
                return try supply.read(into: part)
            }
            guard !Interruption.happened else {
                bar.finish()
                throw ExitCode(Interruption.exitStatus)
            }
            try buffer.withBytes { bytes in
                try file.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
            done += count
            bar.update(done)
        }
        bar.finish()
        try file.commit()
    }
}

extension Listener.Quality: ExpressibleByArgument {}

/// The local generator of drbg quality.
private struct Generator: ~Copyable {
    private var drbg: CTRDRBG
    private let supply: EntropySupply
    private let seed = SecretBytes(count: CTRDRBG.seedByteCount)
    private var sinceSeed = 0

    init(_ supply: EntropySupply) throws {
        self.supply = supply
        try CTRDRBGSelfTest.run()
        try seed.withMutableBytes { try supply.readAll(into: $0) }
        drbg = try seed.withBytes {
            try CTRDRBG(fullEntropySeed: $0, personalization: .init(start: nil, count: 0))
        }
        seed.wipe()
    }

    mutating func fill(_ output: UnsafeMutableRawBufferPointer) throws {
        if sinceSeed >= reseedByteCount {
            try seed.withMutableBytes { try supply.readAll(into: $0) }
            try seed.withBytes { try drbg.reseed(entropy: $0) }
            seed.wipe()
            sinceSeed = 0
        }
        try drbg.generate(into: output)
        sinceSeed += output.count
    }
}

/// Bytes in one request of the generator: within the 2^19 bits of SP 800-90A table 3, and small enough
/// to stay in a second-level cache.
private let generatorChunk = 16_384
/// Bytes asked of a supply at a time, so that progress shows.
private let entropyChunk = 4096
/// Bytes after which the generator takes a new seed: the daemon's default.
private let reseedByteCount = 64 << 20
