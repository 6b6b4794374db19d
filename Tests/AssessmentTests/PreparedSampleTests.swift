// Tests of the preparation of samples (SP 800-90B, section 3.1.3).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Testing

@Suite("Prepared sample")
struct PreparedSampleTests {
    @Test(
        "the width is that of the highest bit ever set",
        arguments: [
            ([0, 1], 1), ([0, 2, 1], 2), ([4, 3], 3), ([0, 128], 8), ([7, 0, 8], 4), ([255, 1], 8),
        ]
    )
    func detectedWidth(samples: [UInt8], width: Int) throws {
        #expect(try PreparedSample(samples: samples).bitsPerSymbol == width)
    }

    @Test("a width larger than needed is kept")
    func givenWidth() throws {
        #expect(try PreparedSample(samples: [0, 1], bitsPerSymbol: 8).bitsPerSymbol == 8)
    }

    @Test("distinct values are renumbered in increasing order")
    func renumbering() throws {
        let sample = try PreparedSample(samples: [9, 200, 3, 9, 0])
        #expect(sample.symbols == [2, 3, 1, 2, 0])
        #expect(sample.values == [0, 3, 9, 200])
        #expect(sample.alphabetSize == 4)
    }

    @Test("a full alphabet is left as it is")
    func fullAlphabet() throws {
        let samples = (0...255).reversed().map { UInt8($0) }
        let sample = try PreparedSample(samples: samples)
        #expect(sample.symbols == samples)
        #expect(sample.alphabetSize == 256)
    }

    @Test("the bit string has the original values, highest bit first")
    func bitString() throws {
        let sample = try PreparedSample(samples: [1, 4, 6])
        let bits = sample.withBitString { view in (0..<view.count).map { view.base[$0] } }
        #expect(bits == [0, 0, 1, 1, 0, 0, 1, 1, 0])
    }

    @Test("empty input is refused")
    func empty() {
        #expect(throws: AssessmentError(.emptyInput)) { try PreparedSample(samples: []) }
    }

    @Test("constant input is refused", arguments: [0, 1, 66] as [UInt8])
    func constant(value: UInt8) {
        #expect(throws: AssessmentError(.constantData(value: value))) {
            try PreparedSample(samples: [value, value, value])
        }
    }

    @Test("symbols wider than the width given are refused")
    func tooWide() {
        #expect(throws: AssessmentError(.symbolTooWide(bitsNeeded: 4, bitsPerSymbol: 3))) {
            try PreparedSample(samples: [1, 8], bitsPerSymbol: 3)
        }
    }

    @Test("widths outside 1...8 are refused", arguments: [-1, 0, 9])
    func invalidWidth(width: Int) {
        #expect(throws: AssessmentError(.invalidWidth(bitsPerSymbol: width))) {
            try PreparedSample(samples: [0, 1], bitsPerSymbol: width)
        }
    }
}

@Suite("Assessment error")
struct AssessmentErrorTests {
    @Test(
        "every error is described by whole sentences",
        arguments: [
            .emptyInput, .constantData(value: 7), .symbolTooWide(bitsNeeded: 8, bitsPerSymbol: 4),
            .invalidWidth(bitsPerSymbol: 9), .tooManyBits(count: 2, limit: 1),
        ] as [AssessmentError.Code]
    )
    func sentences(code: AssessmentError.Code) {
        let description = AssessmentError(code).description
        #expect(description.hasSuffix("."))
        #expect(description.contains(". "))
    }

    @Test("constant data says that there is no entropy")
    func constant() {
        #expect(AssessmentError(.constantData(value: 7)).description.contains("no entropy"))
    }
}
