// The command line of egd-test-server.
// SPDX-License-Identifier: Apache-2.0

internal import EGDService

struct UsageError: Error { var description: String }

struct Options {
    var listeners: [EGDListenerAddress] = []
    var record = ""
    var firstWord = 1
    var supply: Int?

    init(_ arguments: some Sequence<String>) throws(UsageError) {
        var words = arguments.makeIterator()
        while let name = words.next() {
            guard let value = words.next() else {
                throw UsageError(description: "\(name) needs a value")
            }
            switch name {
            case "--unix": listeners.append(.unix(EGDUnixAddress(path: value, mode: 0o666)))
            case "--record": record = value
            case "--first-word": firstWord = try number(value)
            case "--supply": supply = try number(value)
            default: throw UsageError(description: "\(name) is not an option")
            }
        }
        guard !listeners.isEmpty, !record.isEmpty else {
            throw UsageError(
                description: """
                    usage: egd-test-server --unix PATH... --record FILE [--first-word N] [--supply BYTES]
                      --record      where each piece that left the tap is written: "POSITION COUNT"
                      --first-word  the stream's first 8-byte number (default 1)
                      --supply      bytes that may be taken until standard input says "supply N";
                                    without it, there is no end to them
                    Prints "ready" when it serves. SIGTERM, SIGINT or the end of a pipe at standard input
                    ends it; then a line for each listener says what was delivered and what was lost.
                    """
            )
        }
    }
}

private func number(_ text: String) throws(UsageError) -> Int {
    guard let number = Int(text), number >= 0 else {
        throw UsageError(description: "\(text) is no number")
    }
    return number
}
