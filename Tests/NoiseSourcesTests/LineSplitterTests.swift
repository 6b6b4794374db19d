// Tests of the lines that a program's standard error is cut into.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NoiseSources

struct LineSplitterTests {
    private var splitter = LineSplitter()
    private var lines: [String] = []

    private mutating func add(_ text: String, at seconds: Int = 0) {
        var added: [String] = []
        Array(text.utf8).withUnsafeBytes {
            splitter.add($0, at: .seconds(seconds)) { added.append($0) }
        }
        lines += added
    }

    private mutating func finish() {
        var added: [String] = []
        splitter.finish { added.append($0) }
        lines += added
    }

    @Test("lines are put together from pieces")
    mutating func pieces() {
        add("on")
        add("e\ntwo\n\nthr")
        #expect(lines == ["one", "two", ""])
        finish()
        #expect(lines == ["one", "two", "", "thr"])
    }

    @Test("a line is cut at 1,024 bytes, which shows")
    mutating func long() {
        add(String(repeating: "a", count: 1024) + "\n")
        add(String(repeating: "b", count: 1_000_000))
        add("\n")
        #expect(
            lines == [
                String(repeating: "a", count: 1024), String(repeating: "b", count: 1024) + "...",
            ]
        )
    }

    @Test("control characters and bytes beyond ASCII are replaced")
    mutating func unprintable() {
        add("a\u{1b}\u{7f}\t\r~ \u{e9}\n")
        #expect(lines == ["a????~ ??"])
    }

    @Test("ten lines pass in ten seconds, the others are counted")
    mutating func rate() {
        add(String(repeating: "x\n", count: 25), at: 100)
        add("y\n", at: 109)
        #expect(lines == Array(repeating: "x", count: 10))
        add("z\n", at: 110)
        #expect(lines.dropFirst(10) == ["(16 more lines left out)", "z"])
    }

    @Test("a program that is started over and over has no more lines than another")
    mutating func restarts() {
        for _ in 0..<15 {
            add("x\n", at: 1)
            finish()
        }
        #expect(lines.count { $0 == "x" } == 10)
        add("y\n", at: 12)
        #expect(lines.last == "y")
    }
}
