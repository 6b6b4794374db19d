// The command line of wellspring-feeder, parsed strictly.
// SPDX-License-Identifier: Apache-2.0

internal import KernelRandom
internal import LinuxSystem

/// What the feeder was asked to do. Every field holds a usable value: what does not parse is refused.
package struct FeederOptions: Sendable, Equatable {
    package var supply = Supply.egd(path: standardSocketPath)
    /// Feed until the kernel is seeded, then end.
    package var once = false
    package var interval = Duration.seconds(60)
    package var blockByteCount = 64
    package var credit = CreditRule.assessed
    package var keepAlive = false
    package var reportDescriptor: Int32?
    package var user: String?
    package var verbose = false

    package enum Supply: Sendable, Equatable {
        /// A Unix socket, or a character device with an EGD server at its other end.
        case egd(path: String)
        /// The processor's own noise sources, in this process.
        case cpu
    }

    package init() {}

    package static let standardSocketPath = "/run/wellspring/egd.sock"
}

/// What the command line asks for.
package enum FeederCommand: Sendable, Equatable {
    case run(FeederOptions)
    case showHelp
    case showVersion
}

/// A command line that makes no sense, as a sentence.
package struct UsageError: Error, Equatable, CustomStringConvertible {
    package var description: String
}

extension FeederCommand {
    /// Parses the arguments after the program's name. A value follows its option as the next word or
    /// after "="; an option may be given once.
    package init(arguments: [String]) throws(UsageError) {
        var options = FeederOptions()
        var words = OptionWords(arguments)
        while let name = try words.nextName() {
            switch name {
            case "--help", "-h":
                self = .showHelp
                return
            case "--version":
                self = .showVersion
                return
            case "--once": options.once = true
            case "--keep-alive": options.keepAlive = true
            case "--verbose": options.verbose = true
            case "--from": options.supply = try words.value(parseSupply)
            case "--interval": options.interval = .seconds(try words.integer(in: 1...86_400))
            case "--block":
                options.blockByteCount = try words.integer(in: 32...PoolRequest.maximumByteCount)
            case "--credit": options.credit = try words.value(parseCredit)
            case "--report-fd":
                options.reportDescriptor = Int32(try words.integer(in: 1...1023))
            case "--user": options.user = try words.value(parseUser)
            default: throw UsageError(description: "\(name) is not an option.")
            }
        }
        if options.once {
            if !words.wasGiven("--from") { options.supply = .cpu }
            try checkOnce(options)
        }
        self = .run(options)
    }
}

private func checkOnce(_ options: FeederOptions) throws(UsageError) {
    if options.credit == .none {
        throw UsageError(
            description: "--once ends when the kernel has accepted credited entropy; with "
                + "--credit none it never would."
        )
    }
    if options.keepAlive {
        throw UsageError(description: "--once and --keep-alive exclude each other.")
    }
}

private func parseSupply(_ text: String) throws(UsageError) -> FeederOptions.Supply {
    if text == "cpu" { return .cpu }
    guard text.hasPrefix("/") else {
        throw UsageError(
            description: "expected \"cpu\" or the absolute path of an EGD socket or a device."
        )
    }
    guard text.utf8.count <= UnixAddress.longestPath else {
        throw UsageError(
            description: "a socket path has at most \(UnixAddress.longestPath) bytes."
        )
    }
    return .egd(path: text)
}

private func parseCredit(_ text: String) throws(UsageError) -> CreditRule {
    switch text {
    case "assessed": return .assessed
    case "none": return .none
    default:
        // Digits and at most one point: Double's own parser also takes "0x1p3", "inf" and "nan".
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }),
            let bitsPerByte = Double(text), bitsPerByte > 0, bitsPerByte <= 8
        else {
            throw UsageError(
                description: "expected \"assessed\", \"none\" or bits per byte above 0 up to 8."
            )
        }
        return .bitsPerByte(bitsPerByte)
    }
}

private func parseUser(_ text: String) throws(UsageError) -> String {
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x2F }) else {
        throw UsageError(description: "expected a user name, or UID:GID in digits.")
    }
    return text
}
