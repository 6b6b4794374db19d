// Tests of the report as text.
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport
import Testing

@Suite("Text renderer")
struct TextRendererTests {
    @Test("puts the verdict first, aligns columns and wraps words")
    func layout() {
        let text = TextRenderer.render(SampleDocument.full, width: 40)
        #expect(
            text == """
                Assessment of <jitter>
                ======================
                Caution: This source supports at most
                0.41 bit per 8-bit sample.

                Warning: One device at one temperature;
                  another device can be worse.

                Estimates
                ---------
                Ten estimators; the smallest counts.

                Min-entropy by estimator
                Estimator    Symbols     Bits
                -----------  -------  -------  -
                Most common   2.8034   0.7261
                Compression            0.0513     < weakest
                Runs               1  12.0000     !
                Frequency                         +
                Extra              a        b  c

                File       a & "b".bin
                Samples    1,000,000
                A command  wellspring assess --source
                           jitter

                Remarks
                -------
                - Passing tests do not prove
                  unpredictability.

                """
        )
    }

    @Test("does not wrap without a width")
    func unwrapped() {
        let text = TextRenderer.render(SampleDocument.full)
        #expect(
            text.contains("\nCaution: This source supports at most 0.41 bit per 8-bit sample.\n")
        )
    }

    @Test("is bold where asked for, and otherwise free of escape sequences")
    func emphasis() {
        let bold = TextRenderer.render(SampleDocument.full, isEmphasised: true)
        #expect(bold.contains("\u{1B}[1mAssessment of <jitter>\u{1B}[0m\n"))
        #expect(bold.contains("\u{1B}[1mCompression            0.0513     < weakest\u{1B}[0m\n"))
        #expect(!TextRenderer.render(SampleDocument.full).contains("\u{1B}"))
    }

    @Test("lets no control sequence through")
    func hostile() {
        let text = TextRenderer.render(SampleDocument.hostile, width: 60)
        #expect(
            !text.unicodeScalars.contains {
                $0 != "\n" && $0.properties.generalCategory == .control
            }
        )
    }

    @Test("of an empty report is its title and verdict", arguments: [nil, 0, 20])
    func empty(width: Int?) {
        let document = ReportDocument(title: "T", verdict: "", tone: .neutral)
        #expect(TextRenderer.render(document, width: width) == "T\n=\nResult:\n")
    }
}
