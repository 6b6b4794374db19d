// Log lines on standard error: one line an event, key=value for facts, never a sample byte.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import Logging

/// `2026-11-21T10:00:00Z info message key=value`; under a service manager, which keeps the time
/// itself, `<6>message key=value` with the priority in syslog's numbers.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let label: String
    private let underServiceManager = getenv("JOURNAL_STREAM") != nil

    package init(label: String, level: Logger.Level) {
        self.label = label
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line =
            underServiceManager ? "<\(priority(event.level))>" : "\(timestamp()) \(event.level) "
        line += Self.oneLine("\(event.message)")
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(Self.quoted("\(value)"))"
        }
        line += "\n"
        // One write, so that lines of several threads never mix. A full disk or a closed pipe must not
        // stop the service: the line is lost.
        line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
    }

    /// A value as it stands in a line: in quotes unless it is plain printable ASCII.
    static func quoted(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 < 0x7F }
        if isPlain && !value.isEmpty { return value }
        return "\"\(oneLine(value, quote: "'"))\""
    }

    /// Control characters become spaces, since a text may come from a device, a program or a file;
    /// quotes become `quote`.
    static func oneLine(_ text: String, quote: Unicode.Scalar = "\"") -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            line.unicodeScalars.append(isControl ? " " : scalar == "\"" ? quote : scalar)
        }
        return line
    }

    private func timestamp() -> String {
        var now = time(nil)
        var fields = tm()
        gmtime_r(&now, &fields)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
            let count = strftime(text.baseAddress!, text.count, "%Y-%m-%dT%H:%M:%SZ", &fields)
            return count > 0 ? String(cString: text.baseAddress!) : ""
        }
    }

    /// Priorities of sd-daemon(3).
    private func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
