// The self-test passes, and notices each known answer going wrong.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RandomBitGenerator

@Suite("CTR_DRBG self-test")
struct CTRDRBGSelfTestTests {
    @Test("it passes, at the start and on demand")
    func passes() throws {
        try CTRDRBGSelfTest.once()
        try CTRDRBGSelfTest.run()
    }

    @Test("a wrong answer anywhere fails it", arguments: CTRDRBGSelfTest.answers.indices)
    func wrong(index: Int) {
        let changes: [(inout CTRDRBGSelfTest.KnownAnswer) -> Void] = [
            { $0.output[$0.output.count - 1] ^= 1 },
            { $0.entropy[0] ^= 0x80 },
            { $0.derives.toggle() },
        ]
        for change in changes {
            var answers = CTRDRBGSelfTest.answers
            change(&answers[index])
            #expect(throws: RandomBitGeneratorError(code: .selfTestFailed)) {
                try CTRDRBGSelfTest.run(answers)
            }
        }
    }

    @Test("it covers both forms and a reseed of each")
    func covers() {
        for derives in [true, false] {
            #expect(
                CTRDRBGSelfTest.answers.contains { $0.derives == derives && !$0.reseed.isEmpty }
            )
        }
    }
}
