// The control socket's request line.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import EntropyKeyProtocol
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

    @Test("requests about keys are parsed, with what is optional and without")
    func keys() throws {
        let path = try #require(AbsolutePath("/dev/ttyACM0"))
        let serial = try #require(EntropyKeySerial("M/3lUoWERuOdXD+R"))
        let requests: [(String, ControlRequest)] = [
            ("key add /dev/ttyACM0", .addKey(path: path, serial: nil)),
            ("key add /dev/ttyACM0 M/3lUoWERuOdXD+R", .addKey(path: path, serial: serial)),
            ("key remove ttyACM0", .removeKey(tag: "ttyACM0")),
            ("key reset \(serial)", .resetKey(tag: "\(serial)", step: nil)),
            ("key reset lab power-cycle", .resetKey(tag: "lab", step: .powerCycle)),
            ("key keyring", .readKeyrings),
        ]
        for (line, request) in requests {
            #expect(ControlRequest(line: line) == request)
            #expect(request.changesState)
        }
        for step in RecoveryStep.allCases {
            #expect(
                ControlRequest(line: "key reset lab \(step.rawValue)")
                    == .resetKey(tag: "lab", step: step)
            )
        }
    }

    @Test(
        "requests about keys that make no sense are refused",
        arguments: [
            "key", "key ", "key list", "key add", "key add ", "key add ttyACM0",
            "key add ./ttyACM0", "key add /dev/ttyACM0 M/3lUoWERuOdXD+",
            "key add /dev/ttyACM0 M/3lUoWERuOdXD=R", "key add /dev/ttyACM0 M/3lUoWERuOdXD+R more",
            "key remove", "key remove two words", "key reset", "key reset lab kick",
            "key reset lab REOPEN", "key reset lab reopen twice", "key keyring /etc/shadow",
            "Key keyring", "key\tkeyring",
        ]
    )
    func wrongKeys(line: String) {
        #expect(ControlRequest(line: line) == nil)
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
