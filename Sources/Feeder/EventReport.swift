// What the feeder tells: one logfmt line per event for the daemon, sentences for people.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Lines of `key=value` pairs on the report descriptor and, when verbose, on standard error. Never
/// holds entropy. A reader that does not read loses lines, which are counted, and never delays a feed.
package struct EventReport {
    let descriptor: Int32?
    private let verbose: Bool
    private var lostLines = 0

    package init(descriptor: Int32?, verbose: Bool) {
        self.descriptor = descriptor
        self.verbose = verbose
    }

    package mutating func event(_ name: String, _ pairs: (String, String)...) {
        var line = "event=" + name
        for (key, value) in pairs { line += " \(key)=\(Self.quoted(value))" }
        if verbose { say(line) }
        guard let descriptor else { return }
        if lostLines > 0 { line += " lost-lines=\(lostLines)" }
        line += "\n"
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // Lines are shorter than PIPE_BUF: a pipe that polls writable takes one whole, at once.
        guard poll(&ready, 1, 0) == 1, ready.revents & Int16(POLLOUT) != 0 else {
            lostLines += 1
            return
        }
        let bytes = Array(line.utf8)
        if write(descriptor, bytes, bytes.count) == bytes.count {
            lostLines = 0
        } else {
            lostLines += 1
        }
    }

    /// A trouble: its sentence for people in any case, and its event.
    mutating func trouble(_ name: String, _ reason: String) {
        say(reason)
        event(name, ("reason", reason))
    }

    mutating func fed(_ outcome: FeedOutcome, reason: String, total: Int, _ className: String) {
        event(
            "fed",
            ("bytes", "\(outcome.byteCount)"),
            ("bits", "\(outcome.creditedBits)"),
            ("total-bits", "\(total)"),
            ("class", className),
            ("entropy-avail", "\(outcome.entropyAvailable)"),
            ("reason", reason)
        )
    }

    /// A sentence on standard error.
    func say(_ sentence: String) {
        let bytes = Array("wellspring-feeder: \(sentence)\n".utf8)
        _ = write(2, bytes, bytes.count)
    }

    /// logfmt: quoted when there is anything but printable ASCII without space, quote or "=".
    package static func quoted(_ value: String) -> String {
        let plain = value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3D }
        if plain && !value.isEmpty { return value }
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\" + String(scalar)
            case _ where scalar.value < 0x20: text += " "
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
