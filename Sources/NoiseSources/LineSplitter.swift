// Lines of a program's standard error, held to a length and a rate that a log can bear.
// SPDX-License-Identifier: Apache-2.0

/// Cuts bytes into lines of at most ``longestLine`` bytes, replaces what is not printable ASCII,
/// and lets at most ``linesPerPeriod`` through in each ``period``; the rest is counted and the
/// count given as a line. Knows no clock.
struct LineSplitter {
    /// Bytes: as much as a log line should have.
    static let longestLine = 1024
    /// A program in trouble says the cause in its first lines.
    static let linesPerPeriod = 10
    static let period: Duration = .seconds(10)

    private var line: [UInt8] = []
    private var isOverlong = false
    private var periodStart: Duration?
    private var linesInPeriod = 0
    private var droppedLines = 0

    mutating func add(
        _ bytes: UnsafeRawBufferPointer,
        at now: Duration,
        _ report: (String) -> Void
    ) {
        if periodStart.map({ now - $0 >= Self.period }) ?? true {
            reportDropped(report)
            periodStart = now
            linesInPeriod = 0
        }
        for byte in bytes {
            if byte == 0x0a {
                endLine(report)
            } else if line.count < Self.longestLine {
                line.append((0x20..<0x7f).contains(byte) ? byte : 0x3f)
            } else {
                isOverlong = true
            }
        }
    }

    /// The program ended: gives the last line, even without a line end, and the count of what was
    /// left out.
    mutating func finish(_ report: (String) -> Void) {
        if !line.isEmpty { endLine(report) }
        reportDropped(report)
        self = LineSplitter(periodStart: periodStart, linesInPeriod: linesInPeriod)
    }

    init() {}

    private init(periodStart: Duration?, linesInPeriod: Int) {
        self.periodStart = periodStart
        self.linesInPeriod = linesInPeriod
    }

    private mutating func endLine(_ report: (String) -> Void) {
        if linesInPeriod < Self.linesPerPeriod {
            linesInPeriod += 1
            report(String(decoding: line, as: UTF8.self) + (isOverlong ? "..." : ""))
        } else {
            droppedLines += 1
        }
        line.removeAll(keepingCapacity: true)
        isOverlong = false
    }

    private mutating func reportDropped(_ report: (String) -> Void) {
        if droppedLines > 0 { report("(\(droppedLines) more lines left out)") }
        droppedLines = 0
    }
}
