// egd-test-server: Wellspring's own EGD server over a known stream, for tests with programs that are not ours.
// SPDX-License-Identifier: Apache-2.0

internal import EGDService
internal import Glibc
internal import LinuxSystem

@main
struct EGDTestServer {
    static func main() {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            try serve(options)
        } catch let error as UsageError {
            fail(error.description, status: 64)
        } catch {
            fail("egd-test-server: \(error)", status: 1)
        }
    }

    private static func serve(_ options: Options) throws {
        let signals = try SignalDescriptor([SIGTERM, SIGINT])
        let tap = try RecordingTap(
            firstWord: options.firstWord,
            supply: options.supply,
            recordPath: options.record
        )
        let server = try EGDServer(
            listeners: options.listeners.enumerated().map { index, address in
                var listener = EGDListenerConfiguration(
                    name: "listener-\(index)",
                    address: address,
                    tap: tap
                )
                listener.greeting = options.greeting
                return listener
            }
        )
        try server.start()
        // With the ports that the system chose.
        let remote = zip(options.listeners, server.statistics).compactMap { place, facts in
            if case .internet = place { facts.address } else { nil }
        }
        say((["ready"] + remote).joined(separator: " "))
        var input = CommandInput()
        while signals.next() == nil {
            var descriptors = [
                pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: input.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&descriptors, 2, -1) > 0, descriptors[1].revents != 0 else { continue }
            guard let lines = input.read() else { break }
            for line in lines {
                let words = line.split(separator: " ")
                guard words.count == 2, words[0] == "supply", let count = Int(words[1]) else {
                    fail("egd-test-server: not a command: \(line)", status: 64)
                }
                tap.supply(count)
                server.wake()
            }
        }
        let statistics = server.statistics
        server.stop()
        // After the end: what waiting clients had collected counts as lost now.
        for (before, after) in zip(statistics, server.statistics) {
            say(
                "\(after.name) accepted=\(after.acceptedConnections) "
                    + "connected=\(before.connections) requests=\(after.requests) "
                    + "delivered=\(after.deliveredByteCount) lost=\(after.lostByteCount)"
            )
        }
    }
}

/// Lines from standard input, where that is a pipe; anything else is left alone.
private struct CommandInput {
    private(set) var descriptor: Int32 = -1
    private var partial = ""

    init() {
        var facts = stat()
        if fstat(0, &facts) == 0, facts.st_mode & S_IFMT == S_IFIFO { descriptor = 0 }
    }

    /// The lines that came; nil at the end.
    mutating func read() -> [Substring]? {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        partial += String(decoding: bytes[..<count], as: UTF8.self)
        var lines = partial.split(separator: "\n", omittingEmptySubsequences: false)
        partial = String(lines.removeLast())
        return lines
    }
}

private func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(1, bytes, bytes.count)
}

private func fail(_ line: String, status: Int32) -> Never {
    let bytes = Array((line + "\n").utf8)
    _ = write(2, bytes, bytes.count)
    exit(status)
}
