// The command line of egd-test-server.
// SPDX-License-Identifier: Apache-2.0

internal import EGDService
internal import LinuxSystem

struct UsageError: Error { var description: String }

struct Options {
    var listeners: [EGDListenerAddress] = []
    var greeting = 0
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
            case "--tcp": listeners.append(.internet(try address(value)))
            case "--greeting": greeting = try number(value, in: 0...255)
            case "--record": record = value
            case "--first-word": firstWord = try number(value)
            case "--supply": supply = try number(value)
            default: throw UsageError(description: "\(name) is not an option")
            }
        }
        guard !listeners.isEmpty, !record.isEmpty else {
            throw UsageError(
                description: """
                    usage: egd-test-server (--unix PATH | --tcp ADDRESS:PORT)... --record FILE [--greeting N]
                                           [--first-word N] [--supply BYTES]
                      --tcp         numeric; port 0 is any free one
                      --greeting    bytes that each client is given right after it connected
                      --record      where each piece that left the tap is written: "POSITION COUNT"
                      --first-word  the stream's first 8-byte number (default 1)
                      --supply      bytes that may be taken until standard input says "supply N";
                                    without it, there is no end to them
                    Prints "ready" when it serves, and behind it the TCP addresses. SIGTERM, SIGINT or the end of a pipe at standard input
                    ends it; then a line for each listener says what was delivered and what was lost.
                    """
            )
        }
    }
}

private func number(
    _ text: String,
    in range: ClosedRange<Int> = 0...Int.max
) throws(UsageError) -> Int {
    guard let number = Int(text), range.contains(number) else {
        throw UsageError(description: "\(text) is no number, or not a possible one")
    }
    return number
}

private func address(_ text: String) throws(UsageError) -> InternetAddress {
    guard let address = InternetAddress(text: text) else {
        throw UsageError(description: "\(text) is not ADDRESS:PORT in numbers")
    }
    return address
}
