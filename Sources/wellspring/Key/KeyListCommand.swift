// `wellspring key list` and `stats`: the keys there are, and all that is known of one.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Daemon
internal import EntropyKeyDevice
internal import EntropyKeyProtocol
internal import FoundationEssentials

struct KeyListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract:
            "List the Entropy Keys that the daemon has, and those that are plugged in besides.",
        discussion: """
            "Running OK" is the state of a key that works; any other says what is amiss, and the line below the \
            table what to do.

            Exit status: 0 listed, 1 a key does not work, 69 no daemon answers (what is plugged in is listed).
            """
    )

    @Flag(help: "Print the list as JSON.")
    var json = false

    @OptionGroup var control: ControlSocketOption

    func run() throws {
        var rows: [KeyRow] = []
        var absence: (any Error)?
        do {
            rows = try ControlClient.status(path: control.path()).sources.compactMap { KeyRow($0) }
        } catch {
            absence = error
        }
        for location in KeyLocator().all() where !rows.contains(where: { $0.isThat(location) }) {
            rows.append(KeyRow(location, hasDaemon: absence == nil))
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            Terminal.print(String(decoding: try encoder.encode(rows), as: UTF8.self))
        } else if rows.isEmpty {
            Terminal.print("no Entropy Key is plugged in or configured")
        } else {
            let head = [["KEY", "OK", "STATUS", "PLACE", "SERIAL"]]
            Terminal.print(table(head + rows.map(\.columns)))
            for reason in rows.compactMap(\.reason) { Terminal.print("  \(reason)") }
        }
        if let absence { throw Terminal.fail(absence, ExitStatus.unavailable) }
        if rows.contains(where: { !$0.ok }) { throw ExitStatus.failure }
    }
}

struct KeyStatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Print the statistics of a key as NAME=VALUE, by the names that ekeyd gave them.",
        discussion: """
            Exit status: 0 printed, 1 there is no such key or several, 69 no daemon answers.
            """
    )

    @Argument(help: "The key; may be left out where there is one only.")
    var key: String?

    @OptionGroup var control: ControlSocketOption

    func run() throws {
        let report: StatusReport
        do {
            report = try ControlClient.status(path: control.path())
        } catch {
            throw Terminal.fail(error, ExitStatus.unavailable)
        }
        let keys = report.sources.filter { $0.device != nil }
        let meant = keys.filter { source in
            guard let key else { return true }
            let device = source.device
            return source.name == key || device?.serial == key || device?.place == key
                || device?.place?.split(separator: "/").last.map(String.init) == key
        }
        guard meant.count == 1, let statistics = meant[0].device?.statistics else {
            let names = keys.map(\.name).joined(separator: ", ")
            let which = key.map { "there is no key \($0)" } ?? "say which key"
            throw Terminal.fail(
                text: keys.isEmpty
                    ? "the daemon has no Entropy Key" : "\(which); the daemon has: \(names)",
                ExitStatus.failure
            )
        }
        Terminal.print(
            statistics.sorted { $0.key < $1.key }.map { "\($0.key)=\(text($0.value))" }
                .joined(separator: "\n")
        )
    }

    private func text(_ value: StatusReport.Statistic) -> String {
        switch value {
        case .count(let count): "\(count)"
        case .number(let number) where number == number.rounded() && abs(number) < 1e14:
            "\(Int(number))"
        case .number(let number): "\(number)"
        case .text(let text): text
        }
    }
}

/// One line of the list.
private struct KeyRow: Encodable {
    let name: String
    /// Whether it works.
    let ok: Bool
    let status: String
    let place: String?
    let serial: String?
    let reason: String?

    /// Nil for a source that is no key.
    init?(_ source: StatusReport.Source) {
        guard let device = source.device else { return nil }
        name = source.name
        ok = device.state == "Running OK" && device.objection == nil
        status = source.state == "retired" ? "retired" : device.state
        place = device.place
        serial = device.serial
        reason =
            source.reason
            ?? (device.objection ?? device.settling).map { "\(source.name): \($0)" }
    }

    /// Plugged in, and the daemon does not have it.
    init(_ location: KeyLocation, hasDaemon: Bool) {
        name = "-"
        ok = !hasDaemon
        status = hasDaemon ? "not used by the daemon" : "no daemon"
        place = location.terminal ?? "USB \(location.name)"
        serial = location.serial?.description
        reason = nil
    }

    func isThat(_ location: KeyLocation) -> Bool {
        (serial != nil && serial == location.serial?.description)
            || (place != nil && place == location.terminal)
    }

    var columns: [String] { [name, ok ? "YES" : "NO", status, place ?? "-", serial ?? "-"] }
}
