// Tests of text from elsewhere.
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport
import Testing

@Suite("Visible text")
struct VisibleTextTests {
    @Test(
        "replaces what a terminal or a page would obey",
        arguments: [
            ("a\u{1B}[31mb", "a\u{FFFD}[31mb"), ("a\u{0}b\u{7}", "a\u{FFFD}b\u{FFFD}"),
            ("x\u{9B}y", "x\u{FFFD}y"), ("gpj.\u{202E}exe", "gpj.\u{FFFD}exe"),
            ("a\u{200B}b", "a\u{FFFD}b"), ("a\u{FFFE}b", "a\u{FFFD}b"),
            ("a\u{2028}b", "a\u{FFFD}b"),
            ("one\ttwo\nthree", "one two three"),
        ]
    )
    func hostile(text: String, shown: String) {
        #expect(VisibleText.sanitise(text) == shown)
    }

    @Test(
        "leaves words of any script alone",
        arguments: ["Zufälliges", "乱数 99\u{A0}%", "±2.576/√L"]
    )
    func harmless(text: String) {
        #expect(VisibleText.sanitise(text) == text)
    }
}
