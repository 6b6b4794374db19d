// The control socket's request line.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Daemon

@Suite struct ControlRequestTests {
    @Test(
        "known requests are parsed",
        arguments: [
            ("status", ControlRequest.status, false), ("reload", .reload, true),
            ("retest jitter", .retest(source: "jitter"), true),
            ("retest two words", .retest(source: "two words"), true),
        ]
    )
    func known(line: String, request: ControlRequest, changesState: Bool) {
        #expect(ControlRequest(line: line) == request)
        #expect(request.changesState == changesState)
    }

    @Test(
        "everything else is refused",
        arguments: [
            "", " ", "STATUS", "status now", "status\r", "reload all", "retest", "retest ",
            "\u{0}status", "stop", "status;reload", "{\"request\":\"status\"}",
        ]
    )
    func unknown(line: String) {
        #expect(ControlRequest(line: line) == nil)
    }

    @Test("answers are one line of JSON, whatever they quote")
    func answers() {
        #expect(ControlAnswer.done("a \"b\"\n/c").json == #"{"done":"a \"b\"\n/c"}"#)
        #expect(ControlAnswer.error("no").json == #"{"error":"no"}"#)
    }
}
