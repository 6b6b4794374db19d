// One event, one line, whatever the values hold.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Daemon

@Suite struct LineLogHandlerTests {
    @Test(
        "values are quoted where a reader could misread them",
        arguments: [
            ("plain", "plain"), ("a=b", "a=b"), ("two words", "\"two words\""), ("", "\"\""),
            ("say \"x\"", "\"say 'x'\""), ("a\nb", "\"a b\""), ("a\r\nb", "\"a  b\""),
            ("a\tb", "\"a b\""), ("\u{1B}[31mred", "\" [31mred\""), ("a\u{7F}b", "\"a b\""),
            ("a\u{85}b", "\"a b\""), ("ümlaut", "\"ümlaut\""), ("\"\u{301}", "\"'\u{301}\""),
        ]
    )
    func quoting(value: String, line: String) {
        #expect(LineLogHandler.quoted(value) == line)
    }

    @Test("messages stay on one line and keep their quotes")
    func messages() {
        #expect(LineLogHandler.oneLine("a \"b\"\n\u{1B}c") == "a \"b\"  c")
    }
}
