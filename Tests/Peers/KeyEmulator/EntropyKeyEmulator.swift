// entropy-key-emulator: an Entropy Key in software on a terminal or a socket, for tests with programs that are not ours.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import LinuxSystem
internal import WellspringTesting

/// Plays a key until standard input ends, and obeys the lines that come there. Prints `ready`, and at the end
/// what the key did. See ``usage``.
@main
struct EntropyKeyEmulator {
    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            print("entropy-key-emulator: \(error)", to: 2)
            exit(1)
        }
    }

    private static func run(_ words: [String]) throws {
        if words.first == "bench" { return DecoderBenchmark.run(frames: 1_000_000) }
        guard words.count >= 2, let port = port(words[0], words[1]) else {
            print(usage, to: 2)
            exit(64)
        }
        var options = Options()
        try options.read(words.dropFirst(2))
        var key = EmulatedEntropyKey(
            serial: options.serial,
            longTermKey: [UInt8](repeating: 7, count: 32),
            seed: options.seed,
            saysHello: !options.isSilent
        )
        key.firstNumber = options.firstNumber
        if options.isSilent { key.standInCommand() }
        let player = try EmulatedKeyPlayer(key, on: port)
        print("ready", to: 1)
        while let line = readLine() {
            guard let command = KeyCommand(line) else {
                print("entropy-key-emulator: not a command: \(line)", to: 2)
                exit(64)
            }
            command.apply(to: player)
            // Whoever waits for it knows that it is done.
            print("done \(line)", to: 1)
        }
        player.stop()
        let end = player.key
        if let record = options.record {
            let bytes = end.plaintexts.flatMap { $0 }
            let file = open(record, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard file >= 0, write(file, bytes, bytes.count) == bytes.count else {
                throw SystemError("write \(record)")
            }
            close(file)
        }
        print(
            "frames=\(end.plaintexts.count) sessions=\(end.sessionCount) resets=\(end.resetCount)",
            to: 1
        )
    }

    private static func port(_ kind: String, _ path: String) -> EmulatedKeyPlayer.Port? {
        switch kind {
        case "pty": .pseudoTerminal(link: path)
        case "socket": .socket(path: path)
        case "tty": .terminal(path: path)
        default: nil
        }
    }

    static func print(_ line: String, to descriptor: Int32) {
        let bytes = Array((line + "\n").utf8)
        _ = write(descriptor, bytes, bytes.count)
    }
}

private let usage = """
    usage: entropy-key-emulator pty LINK | socket PATH | tty PATH  [--serial S] [--seed N] [--first-number N]
                                [--silent] [--record FILE]
           entropy-key-emulator bench
    The long-term key is 32 bytes 07, the master key 32 bytes 4d. --silent: stands in mid-command, as after a
    reboot of its host. --record: the plaintext of all frames, written at the end.
    Standard input: badness CODE | lock | dead | mid-command | self-reset | pull-out | plug-in | power-cycle |
    every FAULT N (mac, type, base64, drop, repeat, reorder, garbage) | temperature DECIKELVIN | voltage MV |
    stuck BYTE | slow N | other-key | other-serial | refuse | well
    """

private struct Options {
    var serial = "NwBvBlg3OTBJORFD"
    var seed: UInt64 = 1
    var firstNumber = 0
    var isSilent = false
    var record: String?

    struct Unknown: Error, CustomStringConvertible {
        let description: String
    }

    mutating func read(_ words: ArraySlice<String>) throws {
        var words = words
        while let word = words.popFirst() {
            if word == "--silent" {
                isSilent = true
                continue
            }
            guard let value = words.popFirst() else { throw Unknown(description: usage) }
            switch word {
            case "--serial": serial = value
            case "--seed": seed = UInt64(value) ?? 1
            case "--first-number": firstNumber = Int(value) ?? 0
            case "--record": record = value
            default: throw Unknown(description: usage)
            }
        }
    }
}

/// One line of standard input.
private enum KeyCommand {
    case change(@Sendable (inout EmulatedEntropyKey) -> Void)
    case pullOut
    case plugIn

    init?(_ line: String) {
        let words = line.split(separator: " ").map(String.init)
        guard let first = words.first else { return nil }
        switch (first, words.count) {
        case ("pull-out", 1): self = .pullOut
        case ("plug-in", 1): self = .plugIn
        case ("mid-command", 1): self = .change { $0.standInCommand() }
        case ("self-reset", 1): self = .change { $0.resetItself() }
        case ("power-cycle", 1): self = .change { $0.powerCycle() }
        default:
            guard let fault = Self.fault(words) else { return nil }
            self = .change { fault(&$0.faults) }
        }
    }

    private static func fault(
        _ words: [String]
    ) -> (@Sendable (inout EmulatedKeyFaults) -> Void)? {
        let number = words.last.flatMap { Int($0) }
        switch (words[0], words.count, number) {
        case ("well", 1, _): return { $0 = EmulatedKeyFaults() }
        case ("dead", 1, _): return { $0.isDead = true }
        case ("lock", 1, _): return { $0.locksOnBadness = true }
        case ("other-key", 1, _): return { $0.hasOtherLongTermKey = true }
        case ("other-serial", 1, _): return { $0.hasOtherSerial = true }
        case ("refuse", 1, _): return { $0.refusesKeying = true }
        case ("badness", 2, _):
            guard let code = words[1].first else { return nil }
            return { $0.badness = code }
        case ("temperature", 2, let value?): return { $0.temperature = value }
        case ("voltage", 2, let value?): return { $0.voltage = value }
        case ("stuck", 2, let value?):
            return { $0.stuckPlaintext = UInt8(truncatingIfNeeded: value) }
        case ("slow", 2, let value?): return { $0.slowness = value }
        case ("every", 3, let value?): return every(words[1], value)
        default: return nil
        }
    }

    private static func every(
        _ fault: String,
        _ number: Int
    ) -> (@Sendable (inout EmulatedKeyFaults) -> Void)? {
        switch fault {
        case "mac": { $0.corruptMACEvery = number }
        case "type": { $0.corruptTypeEvery = number }
        case "base64": { $0.corruptBase64Every = number }
        case "drop": { $0.dropEvery = number }
        case "repeat": { $0.repeatEvery = number }
        case "reorder": { $0.reorderEvery = number }
        case "garbage": { $0.garbageEvery = number }
        default: nil
        }
    }

    func apply(to player: EmulatedKeyPlayer) {
        switch self {
        case .change(let change): player.change(change)
        case .pullOut: player.pullOut()
        case .plugIn: player.plugIn()
        }
    }
}
