// Tests of the output entropy of conditioning components against the reference tool (SP 800-90B, 3.1.5).
// SPDX-License-Identifier: Apache-2.0

import Assessment
import Foundation
import Testing

@Suite("Conditioning component")
struct ConditioningComponentTests {
    /// One call of ea_conditioning and what it printed.
    private struct Case: Decodable {
        let inputBits: Int
        let outputBits: Int
        let narrowestBits: Int
        let inputEntropy: Double
        let nonvetted: Bool?
        let hprime: Double?
        let stdout: [String]

        private enum CodingKeys: String, CodingKey {
            case inputBits = "n_in"
            case outputBits = "n_out"
            case narrowestBits = "nw"
            case inputEntropy = "h_in"
            case nonvetted, hprime, stdout
        }

        /// The number behind "h_out =", whichever kind of component.
        var output: Double? {
            stdout.first { $0.contains("h_out = ") }?
                .components(separatedBy: "= ").last.flatMap(Double.init)
        }

        /// The exponents of every "epsilon = 2^(x)".
        var losses: [Double] {
            stdout.joined().components(separatedBy: "2^(").dropFirst().compactMap {
                Double($0.prefix { $0 != ")" })
            }
        }

        var component: ConditioningComponent? {
            ConditioningComponent(
                inputBits: inputBits,
                outputBits: outputBits,
                narrowestBits: narrowestBits,
                inputEntropy: inputEntropy
            )
        }
    }

    private struct Reference: Decodable {
        let cases: [Case]

        init() throws {
            let url = Bundle.module.bundleURL.appendingPathComponent("Vectors/conditioning.json")
            self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: url))
        }
    }

    @Test("agrees with the reference tool's 104 cases, the smallest shortfalls included")
    func reference() throws {
        let cases = try Reference().cases
        #expect(cases.count == 104)
        var losses = 0
        for example in cases {
            let component = try #require(example.component)
            let expected = try #require(example.output)
            let vetted = component.vettedOutput
            if example.nonvetted == true {
                let output = component.unvettedOutput(estimatePerBit: example.hprime ?? 1)
                #expect(abs(output - expected) <= 1e-12 * expected)
            } else {
                #expect(abs(vetted.bits - expected) <= 1e-12 * expected, "\(example)")
            }
            for loss in example.losses.prefix(1) {
                losses += 1
                #expect(abs(vetted.relativeLossLog2 - loss) <= 1e-9 * abs(loss), "\(example)")
            }
        }
        #expect(losses > 60)
    }

    @Test("asks for 64 bits more than the output has before it calls it full entropy")
    func fullEntropy() throws {
        func component(_ entropy: Double) -> ConditioningComponent? {
            ConditioningComponent(
                inputBits: 1024,
                outputBits: 512,
                narrowestBits: 512,
                inputEntropy: entropy
            )
        }
        #expect(try #require(component(576)).vettedOutput.hasFullEntropyInput)
        #expect(try !#require(component(575.9)).vettedOutput.hasFullEntropyInput)
    }

    @Test("has no value for widths or entropies that cannot be")
    func invalid() {
        for (input, output, narrowest, entropy) in [
            (0, 1, 1, 0.0), (1, 0, 1, 0), (1, 1, 0, 0), (8, 8, 8, 8.5), (8, 8, 8, -1),
            (8, 8, 8, .nan), (1 << 30, 8, 8, 1),
        ] {
            #expect(
                ConditioningComponent(
                    inputBits: input,
                    outputBits: output,
                    narrowestBits: narrowest,
                    inputEntropy: entropy
                ) == nil
            )
        }
    }
}
