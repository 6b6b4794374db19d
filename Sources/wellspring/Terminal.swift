// What people see while they wait and when something fails: progress, tables, errors, exit statuses.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import LinuxSystem

/// Exit statuses beyond 0 (done) and 64 (wrong command line), after sysexits.h.
enum ExitStatus {
    /// Something failed; the message says what.
    static let failure = ExitCode(1)
    /// The health tests refused the data.
    static let refused = ExitCode(2)
    /// No noise source or no daemon could be reached.
    static let unavailable = ExitCode(69)
    /// Writing or reading failed: full disk, broken device.
    static let inputOutput = ExitCode(74)
    /// The system refused for lack of a privilege.
    static let notPermitted = ExitCode(77)
    /// The configuration has errors.
    static let configuration = ExitCode(78)
}

enum Terminal {
    static var errorIsTerminal: Bool { isatty(2) == 1 }
    static var outputIsTerminal: Bool { isatty(1) == 1 }

    /// Columns of the terminal behind standard error; 80 when unknown.
    static var columns: Int {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes a line for people to standard error.
    static func note(_ text: String) {
        writeAll(text + "\n", to: 2)
    }

    /// Writes text to standard output. A reader that went away ends the program silently, as it
    /// does in every pipeline.
    static func print(_ text: String) {
        guard writeAll(text + "\n", to: 1) else {
            exit(errno == EPIPE ? 0 : ExitStatus.inputOutput.rawValue)
        }
    }

    /// Says why on standard error and yields the error that ends the program with `status`.
    static func fail(_ error: any Error, _ status: ExitCode = ExitStatus.failure) -> ExitCode {
        note("wellspring: \(error)")
        return status
    }

    /// The same with words of the caller's own.
    static func fail(text: String, _ status: ExitCode) -> ExitCode {
        note("wellspring: \(text)")
        return status
    }

    @discardableResult
    private static func writeAll(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let count = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }
}

/// A line that is redrawn while work goes on. Silent where standard error is no terminal.
struct ProgressBar {
    private let label: String
    private let total: Int?
    private let unit: String?
    private let started = SystemClock.now
    private var drawn: Duration?

    /// `total` nil: no end is known, only the rate is shown. `unit` nil: the rate says nothing.
    init(_ label: String, total: Int?, unit: String?) {
        self.label = label
        self.total = total
        self.unit = unit
    }

    mutating func update(_ done: Int) {
        guard Terminal.errorIsTerminal else { return }
        let now = SystemClock.now
        if let drawn, now - drawn < .milliseconds(100) { return }
        drawn = now
        draw(done, at: now)
    }

    /// Removes the line.
    mutating func finish() {
        guard drawn != nil else { return }
        write("\r\u{1B}[K")
    }

    private func draw(_ done: Int, at now: Duration) {
        let elapsed = max((now - started).seconds, 0.001)
        let rate = Double(done) / elapsed
        var line = "\(label) "
        if let total, total > 0 {
            let fraction = min(1, Double(done) / Double(total))
            let tail =
                " \(Int(fraction * 100))%" + (unit.map { "  \(scaled(rate))\($0)/s" } ?? "")
                + (rate > 0 ? "  \(clock(Double(total - done) / rate)) left" : "")
            let width = max(5, min(40, Terminal.columns - line.count - tail.count - 3))
            let full = Int(fraction * Double(width))
            line += "[" + String(repeating: "#", count: full)
            line += String(repeating: "-", count: width - full) + "]" + tail
        } else {
            let unit = unit ?? ""
            line += "\(scaled(Double(done)))\(unit)  \(scaled(rate))\(unit)/s"
        }
        write("\r\u{1B}[K" + line.prefix(Terminal.columns - 1))
    }

    private func write(_ text: String) {
        var text = text
        text.withUTF8 { _ = Glibc.write(2, $0.baseAddress, $0.count) }
    }

    private func clock(_ seconds: Double) -> String {
        let whole = Int(min(seconds.rounded(.up), 359_999))
        return whole >= 3600
            ? "\(whole / 3600) h \(whole % 3600 / 60) min"
            : whole >= 60 ? "\(whole / 60) min \(whole % 60) s" : "\(whole) s"
    }
}

/// 1234567 as `1.23 M`, for sizes and rates (powers of 1,000).
func scaled(_ value: Double) -> String {
    let units = ["", "k", "M", "G", "T"]
    var value = value
    var index = 0
    while value >= 999.5, index < units.count - 1 {
        value /= 1000
        index += 1
    }
    let digits =
        index == 0 && value == value.rounded() ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0
    return fixed(value, digits) + " " + units[index]
}

/// A number with a fixed count of digits after the point.
func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var factor = 1.0
    for _ in 0..<digits { factor *= 10 }
    let whole = Int((abs(value) * factor).rounded())
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let fraction = String(whole % Int(factor))
    return
        "\(sign)\(whole / Int(factor)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
}

/// Columns padded to their widest cell; the first row is the head.
func table(_ rows: [[String]]) -> String {
    guard let columns = rows.map(\.count).max() else { return "" }
    let widths = (0..<columns).map { column in
        rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
        var line = ""
        for (column, cell) in row.enumerated() {
            let last = column == row.count - 1
            line += last ? cell : cell.padded(to: widths[column]) + "  "
        }
        return line
    }.joined(separator: "\n")
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
