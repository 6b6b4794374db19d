// Command line of the non-IID assessment (SP 800-90B): assess-non-iid FILE [--bits N].
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Glibc

var path: String?
var bits: Int?
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "--bits":
        guard let value = arguments.popFirst().flatMap({ Int($0) }) else {
            fail("--bits needs a number.", status: 64)
        }
        bits = value
    default:
        guard path == nil, !argument.hasPrefix("-") else { fail(usage, status: 64) }
        path = argument
    }
}
guard let path else { fail(usage, status: 64) }
guard let samples = readFile(path) else { fail("\(path) cannot be read.", status: 66) }

do throws(AssessmentError) {
    let assessment = try NonIIDAssessment(samples: samples, bitsPerSymbol: bits)
    print("symbols: \(assessment.symbolCount)")
    print("bits per symbol: \(assessment.bitsPerSymbol)")
    print("alphabet: \(assessment.alphabetSize)")
    printResults("literal", assessment.literal)
    if let bitString = assessment.bitString { printResults("bitstring", bitString) }
    print("H_original: \(assessment.literalMinEntropy)")
    if let entropy = assessment.bitStringMinEntropy { print("H_bitstring: \(entropy)") }
    print("assessed: \(assessment.assessedMinEntropy)")
} catch {
    fail(error.description, status: 65)
}

func printResults(_ sequence: String, _ results: EstimatorResults) {
    for (estimator, outcome) in results.outcomes {
        print(
            "\(sequence) \(estimator.rawValue): \(outcome.minEntropy.map { "\($0)" } ?? "not applicable")"
        )
    }
}
