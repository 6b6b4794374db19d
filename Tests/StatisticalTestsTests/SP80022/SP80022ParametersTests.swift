// Tests of SP 800-22's parameters.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import StatisticalTests

@Suite("SP 800-22 parameters")
struct SP80022ParametersTests {
    @Test("defaults are those of the reference program")
    func defaults() throws {
        #expect(try SP80022Parameters() == .standard)
        #expect(SP80022Parameters.standard.serialLength == 16)
        let names = SP80022Test.allCases.map { $0.subtestNames(.standard) }
        #expect(names.reduce(0) { $0 + max(1, $1.count) } == 188)
        #expect(SP80022Test.nonOverlappingTemplate.subtestNames(.standard)[0] == "000000001")
        #expect(SP80022Test.randomExcursions.subtestNames(.standard)[3...4] == ["-1", "1"])
    }

    @Test("lengths outside the range of the standard are refused with a sentence")
    func refused() {
        #expect(
            throws: SP80022ParameterError(
                test: .linearComplexity,
                length: 499,
                allowed: 500...5000
            )
        ) { try SP80022Parameters(linearComplexityLength: 499) }
        #expect(throws: SP80022ParameterError.self) {
            try SP80022Parameters(blockFrequencyLength: 19)
        }
        #expect(throws: SP80022ParameterError.self) { try SP80022Parameters(templateLength: 17) }
        #expect(throws: SP80022ParameterError.self) {
            try SP80022Parameters(overlappingTemplateLength: 8)
        }
        #expect(throws: SP80022ParameterError.self) {
            try SP80022Parameters(approximateEntropyLength: 0)
        }
        #expect(throws: SP80022ParameterError.self) { try SP80022Parameters(serialLength: 1) }
        let error = SP80022ParameterError(test: .serial, length: 1, allowed: 2...24)
        #expect(
            "\(error)"
                == "The length of 1 bits for the test Serial is not supported. Choose 2 to 24 "
                + "(SP 800-22, section 2.11)."
        )
    }
}
