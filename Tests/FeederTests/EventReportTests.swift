// Report lines: their form, and a reader that does not read.
// SPDX-License-Identifier: Apache-2.0

import Feeder
import Glibc
import Testing

@Suite struct EventReportTests {
    @Test(
        "values are quoted where logfmt needs it",
        arguments: [
            ("plain", "plain"), ("", "\"\""), ("two words", "\"two words\""),
            ("a=b", "\"a=b\""), ("say \"x\"", "\"say \\\"x\\\"\""),
            ("line\nbreak", "\"line break\""),
            ("back\\slash in words", "\"back\\\\slash in words\""),
        ]
    )
    func quoting(value: String, expected: String) {
        #expect(EventReport.quoted(value) == expected)
    }

    @Test("an event is one line")
    func line() {
        let (reader, writer) = makePipe()
        var report = EventReport(descriptor: writer, verbose: false)
        report.event("fed", ("bytes", "64"), ("reason", "a b"))
        close(writer)
        #expect(readAll(reader) == "event=fed bytes=64 reason=\"a b\"\n")
        close(reader)
    }

    @Test("a reader that does not read loses lines, is told how many, and delays nothing")
    func fullPipe() {
        let (reader, writer) = makePipe()
        var report = EventReport(descriptor: writer, verbose: false)
        // A pipe holds 64 KiB; these would block for ever if they were written regardless.
        for _ in 0..<20_000 { report.event("fed", ("bytes", "64")) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        #expect(read(reader, &buffer, buffer.count) > 0)
        report.event("fed", ("bytes", "64"))
        close(writer)
        let rest = readAll(reader)
        #expect(rest.contains("event=fed bytes=64 lost-lines="))
        #expect(rest.split(separator: "\n").allSatisfy { $0.hasPrefix("event=fed bytes=64") })
        close(reader)
    }

    private func makePipe() -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        return (ends[0], ends[1])
    }

    private func readAll(_ descriptor: Int32) -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += buffer[..<count]
        }
    }
}
