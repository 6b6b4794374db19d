// Full-entropy bytes for a command: from the daemon, or from this machine's sources directly.
// SPDX-License-Identifier: Apache-2.0

internal import Configuration
internal import Daemon
internal import EGDService
internal import Entropy
internal import LinuxSystem
internal import Logging
internal import NoiseSources
internal import Synchronization

/// No entropy is to be had, in words.
struct SupplyError: Error, CustomStringConvertible {
    let description: String
}

/// One of the two ways to entropy.
final class EntropySupply {
    private enum Way: ~Copyable {
        case daemon(EGDClient)
        case own(Gatherer)
    }

    private let way: Mutex<Way>

    private init(_ way: consuming sending Way) { self.way = Mutex(way) }

    /// The daemon behind `socket` (default: the standard one), or, when none answers there and no
    /// socket was named, this machine's own sources.
    static func open(socket: String?, standalone: Bool, sources: [String]) throws -> EntropySupply {
        if !standalone {
            do {
                let path = try socket ?? RuntimeDirectories.ofThisProcess().run.appending("egd.sock").text
                return EntropySupply(.daemon(try EGDClient(path: path)))
            } catch let error as EGDError {
                guard socket == nil, [.socketMissing, .nobodyListens].contains(error.code) else {
                    throw SupplyError(description: error.description)
                }
            }
        }
        let logger = Logger(label: "wellspring") { LineLogHandler(label: $0, level: .error) }
        return EntropySupply(.own(try Gatherer(sourceNames: sources, logger: logger)))
    }

    /// At least one byte, unless interrupted.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try way.withLock { way in
            switch consume way {
            case .daemon(var client):
                defer { way = .daemon(client) }
                var count = 0
                while count == 0, !Interruption.happened {
                    count = try client.read(into: buffer, blocking: true, timeout: .seconds(1))
                }
                return count
            case .own(let gatherer):
                defer { way = .own(gatherer) }
                return try gatherer.read(into: buffer, interruption: Interruption.descriptor)
            }
        }
    }

    /// Fills all of `buffer`.
    func readAll(into buffer: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < buffer.count {
            done += try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
            if Interruption.happened { throw SupplyError(description: "interrupted") }
        }
    }

    func close() {
        way.withLock { way in
            if case .own(let gatherer) = way { gatherer.stop() }
        }
    }
}
