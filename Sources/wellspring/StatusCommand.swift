// `wellspring status`: the running daemon on one screen.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Configuration
internal import Daemon
internal import FoundationEssentials

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the running daemon gathers, credits and delivers.",
        discussion: """
            Asks the daemon over its control socket. --json prints the same facts for programs.

            Exit status: 0 shown, 1 shown but something is wrong, 69 no daemon answers.
            """
    )

    @Flag(help: "Print the facts as JSON.")
    var json = false

    @Option(help: "The daemon's control socket.")
    var socket: String?

    func run() throws {
        let report: StatusReport
        do {
            report = try ControlClient.status(path: socket ?? .standardControlSocket())
        } catch {
            throw Terminal.fail(error, ExitStatus.unavailable)
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            Terminal.print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            Terminal.print(StatusScreen(report).text)
        }
        if !report.warnings.isEmpty { throw ExitStatus.failure }
    }
}

/// The facts laid out for people: at most 100 columns wide.
struct StatusScreen {
    let text: String

    init(_ report: StatusReport) {
        var parts = [Self.head(report), Self.sources(report), Self.delivery(report)]
        if let clients = Self.clients(report) { parts.append(clients) }
        if !report.warnings.isEmpty {
            parts.append(report.warnings.map { "! \($0)" }.joined(separator: "\n"))
        }
        text = parts.joined(separator: "\n\n")
    }

    private static func head(_ report: StatusReport) -> String {
        let kernel = report.kernel
        var line = "kernel     \(kernel.release), \(kernel.generation), "
        line += kernel.ready ? "ready" : "NOT READY"
        if let available = kernel.entropyAvailable, let size = kernel.poolSize {
            line += ", entropy_avail \(available) of \(size)"
        }
        var feeder = "feeder     \(kernel.feeder)"
        if kernel.feeds > 0 {
            feeder += ", \(kernel.feeds) feeds, \(kernel.creditedBits) bits credited"
            if let seconds = kernel.secondsSinceFeed { feeder += ", last \(ago(seconds))" }
        }
        let daemon =
            "wellspring \(report.version), pid \(report.processID), user \(report.user), up "
            + "\(span(report.uptimeSeconds)), \(fixed(report.cpuSeconds, 2)) CPU s"
        let locked =
            report.memory.refusedLocks == 0
            ? "locked" : "NOT ALL LOCKED (\(report.memory.refusedLocks) regions refused)"
        return [
            daemon, line, feeder,
            "memory     \(report.memory.secretBytes / 1024) KiB for secrets, \(locked)",
        ].joined(separator: "\n")
    }

    private static func sources(_ report: StatusReport) -> String {
        var rows = [
            ["SOURCE", "STATE", "SAMPLES", "CLAIM", "CREDIT", "CREDITED", "RATE", "FAILURES"]
        ]
        var remarks: [String] = []
        for source in report.sources {
            let failures = source.failures.filter { $0.intermittent + $0.permanent > 0 }
            rows.append([
                source.name, source.state, scaled(Double(source.samples)),
                "\(fixed(source.claimedBitsPerSample, 3))/\(source.sampleBits) \(source.claimOrigin)",
                fixed(source.creditedBitsPerSample, 3),
                scaled(source.creditedBits) + "bit", scaled(source.creditedBitsPerSecond) + "bit/s",
                failures.isEmpty
                    ? "none"
                    : failures.map { "\($0.test) \($0.intermittent)+\($0.permanent)" }
                        .joined(separator: ", "),
            ])
            if let upstream = source.upstream {
                remarks.append("  \(source.name): \(text(of: upstream, unless: source.reason))")
            }
            if let device = source.device {
                remarks.append("  \(source.name): \(text(of: device))")
            }
            if let assessment = source.assessment, assessment.origin != "shipped" {
                remarks.append(
                    "  \(source.name): claim from the assessment of \(assessment.date) on "
                        + "\(assessment.origin), SHA-256 \(assessment.sha256)"
                )
            }
            if let reason = source.reason {
                // An error names its source itself.
                let isNamed = reason.hasPrefix("\(source.name): ")
                remarks.append("  " + (isNamed ? reason : "\(source.name): \(reason)"))
            }
            if let failure = source.lastFailure {
                remarks.append("  \(source.name): last failure: \(failure)")
            }
            if let seconds = source.silentSeconds, seconds >= 5 {
                remarks.append("  \(source.name): silent for \(span(seconds))")
            }
        }
        return ([table(rows)] + remarks).joined(separator: "\n")
    }

    /// `reason` follows on a line of its own: what it says is not said twice.
    private static func text(
        of upstream: StatusReport.Upstream,
        unless reason: String?
    ) -> String {
        var text = upstream.endpoint.map { "reads from \($0)" } ?? "reads from nobody"
        if let path = upstream.path { text += ", path \(path.joined(separator: " < "))" }
        text += ", \(scaled(Double(upstream.bytes)))B, \(upstream.failOvers) fail-overs"
        guard let trouble = upstream.trouble, reason?.contains(trouble) != true else { return text }
        return "\(text); last trouble: \(trouble)"
    }

    /// The rest is in `wellspring key stats`.
    private static func text(of device: StatusReport.Device) -> String {
        var words = [device.state]
        if let serial = device.serial { words.append(serial) }
        if let place = device.place { words.append("at \(place)") }
        if case .number(let celsius) = device.statistics["KeyTemperatureC"] {
            words.append("\(fixed(celsius, 1)) °C")
        }
        if case .number(let volts) = device.statistics["KeyVoltage"] {
            words.append("\(fixed(volts, 2)) V")
        }
        for (name, meaning) in [
            ("SequenceGaps", "frames lost"), ("Replays", "replays"), ("PacketErrors", "damaged"),
            ("SelfResets", "resets of its own"), ("Recoveries", "recoveries"),
        ] {
            if case .count(let count) = device.statistics[name], count > 0 {
                words.append("\(count) \(meaning)")
            }
        }
        if let objection = device.objection { words.append("not credited: \(objection)") }
        if let settling = device.settling { words.append("not credited yet: \(settling)") }
        return words.joined(separator: ", ")
    }

    private static func delivery(_ report: StatusReport) -> String {
        let reservoir = report.reservoir
        var lines = [
            "reservoir  \(reservoir.levelBytes) of \(reservoir.capacityBytes) bytes full-entropy, "
                + "\(reservoir.blocksDrawn) blocks drawn, \(reservoir.deliveredBytes) bytes delivered, "
                + (reservoir.gathering ? "gathering" : "resting")
        ]
        let drbg = report.drbg
        lines.append(
            "drbg       " + (drbg.seeded ? "seeded" : "NOT SEEDED")
                + ", \(drbg.reseeds) reseeds, \(scaled(Double(drbg.generatedBytes)))B generated"
        )
        var rows = [
            ["LISTENER", "QUALITY", "CLIENTS", "WAITING", "REQUESTS", "BYTES", "LOST", "PLACE"]
        ]
        var remarks: [String] = []
        for listener in report.listeners {
            let waiting =
                listener.waitingClients == 0
                ? "0" : "\(listener.waitingClients) (\(span(listener.longestWaitSeconds)))"
            rows.append([
                listener.name, listener.quality, "\(listener.clients)", waiting,
                scaled(Double(listener.requests)), scaled(Double(listener.deliveredBytes)) + "B",
                "\(listener.lostBytes)", listener.path,
            ])
            let events = [
                (listener.refused, "turned away (too many)"), (listener.foreign, "not allowed"),
                (listener.evicted, "closed (took no replies)"),
                (listener.protocolErrors, "closed (unknown command)"),
                (listener.circles, "circles refused"),
                (listener.throttles, "waits for a rate"),
            ].filter { $0.0 > 0 }
            if !events.isEmpty {
                remarks.append(
                    "  \(listener.name): "
                        + events.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
                )
            }
        }
        return lines.joined(separator: "\n") + "\n\n"
            + ([table(rows)] + remarks).joined(separator: "\n")
    }

    /// Who took most, of all listeners; nothing while nobody came.
    private static func clients(_ report: StatusReport) -> String? {
        let clients = report.listeners
            .flatMap { listener in listener.accounts.map { (listener.name, $0) } }
            .sorted { $0.1.deliveredBytes > $1.1.deliveredBytes }
        guard !clients.isEmpty else { return nil }
        var rows = [
            [
                "CLIENT", "LISTENER", "CONNECTIONS", "REQUESTS", "BYTES", "WAITS", "LONGEST",
                "REFUSED",
            ]
        ]
        for (listener, client) in clients.prefix(mostClients) {
            rows.append([
                client.node.map { "\(client.name), node \($0)" } ?? client.name, listener,
                client.waiting == 0
                    ? "\(client.connections)" : "\(client.connections) (\(client.waiting) wait)",
                scaled(Double(client.requests)), scaled(Double(client.deliveredBytes)) + "B",
                scaled(Double(client.waits)),
                span(client.longestWaitSeconds), "\(client.refused)",
            ])
        }
        let hidden = clients.count - mostClients
        return table(rows) + (hidden > 0 ? "\n  and \(hidden) more: --json shows them" : "")
    }

    /// Lines; what fits a screen beside the rest.
    private static let mostClients = 10

    private static func ago(_ seconds: Double) -> String { "\(span(seconds)) ago" }

    /// A length of time in its two largest units.
    private static func span(_ seconds: Double) -> String {
        let whole = Int(seconds)
        switch whole {
        case ..<60: return "\(fixed(seconds, whole < 10 ? 1 : 0)) s"
        case ..<3600: return "\(whole / 60) min \(whole % 60) s"
        case ..<86_400: return "\(whole / 3600) h \(whole % 3600 / 60) min"
        default: return "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
        }
    }
}
