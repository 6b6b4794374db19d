// Full-entropy bytes for a command: from the daemon, or from this machine's sources directly.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Configuration
internal import Daemon
internal import EGDService
internal import Entropy
internal import LinuxSystem
internal import Logging
internal import NoiseSources

/// No entropy is to be had, in words.
struct SupplyError: Error, CustomStringConvertible {
    let description: String
}

/// One of the two ways to entropy.
final class EntropySupply {
    private var client: EGDClient?
    private let gatherer: Gatherer?

    private init(client: consuming EGDClient?, gatherer: Gatherer?) {
        self.client = client
        self.gatherer = gatherer
    }

    /// The daemon behind `socket` (default: the standard one), or, when none answers there and no
    /// socket was named, this machine's own sources.
    static func open(socket: String?, standalone: Bool, sources: [String]) throws -> EntropySupply {
        if !standalone {
            do {
                let text =
                    try socket ?? RuntimeDirectories.ofThisProcess().run.appending("egd.sock").text
                let client = try EGDClient(
                    endpoint(text),
                    interruption: Interruption.descriptor
                )
                return EntropySupply(client: client, gatherer: nil)
            } catch let error as EGDError where error.code == .interrupted {
                throw ExitCode(Interruption.exitStatus)
            } catch let error as EGDError {
                guard socket == nil, [.socketMissing, .nobodyListens].contains(error.code) else {
                    throw SupplyError(description: error.description)
                }
            }
        }
        let logger = Logger(label: "wellspring") { LineLogHandler(label: $0, level: .error) }
        return EntropySupply(
            client: nil,
            gatherer: try Gatherer(
                sourceNames: sources,
                logger: logger,
                profiles: ProfileStore(folder: ProfileStore.folder(in: .ofThisProcess()))
            )
        )
    }

    /// At least one byte, unless interrupted.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if let gatherer {
            return try gatherer.read(into: buffer, interruption: Interruption.descriptor)
        }
        var count = 0
        while count == 0, !Interruption.happened {
            count = try client?.read(into: buffer, blocking: true, timeout: .seconds(1)) ?? 0
        }
        return count
    }

    /// Fills all of `buffer`. An interruption ends the command by its signal's status.
    func readAll(into buffer: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < buffer.count {
            done += try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
            if Interruption.happened { throw ExitCode(Interruption.exitStatus) }
        }
    }

    func close() {
        gatherer?.stop()
    }
}
