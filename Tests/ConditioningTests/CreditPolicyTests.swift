// What a claim is worth.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import Testing

@testable import Conditioning

@Suite("Credit policy")
struct CreditPolicyTests {
    @Test(
        "credit is the claim, at most the sample's width, times the factor",
        arguments: [
            (claim: 1.0, sampleBits: 8, factor: 0.5, samples: 1152, bits: 576.0),
            (claim: 0.125, sampleBits: 1, factor: 1.0, samples: 8, bits: 1.0),
            (claim: 16.0, sampleBits: 8, factor: 0.5, samples: 1, bits: 4.0),
            (claim: 8.0, sampleBits: 8, factor: 1.0, samples: 3, bits: 24.0),
            (claim: 3.0, sampleBits: 4, factor: 0.0, samples: 1000, bits: 0.0),
            (claim: 3.0, sampleBits: 4, factor: 1.0, samples: 0, bits: 0.0),
            (claim: 3.0, sampleBits: 4, factor: 1.0, samples: -5, bits: 0.0),
        ]
    )
    func amount(claim: Double, sampleBits: Int, factor: Double, samples: Int, bits: Double) {
        let policy = CreditPolicy(
            claim: EntropyClaim(minEntropy: BitsPerSample(claim)!, origin: .operatorStated),
            sampleBits: sampleBits,
            safetyFactor: factor
        )
        #expect(policy?.credit(samples: samples).bits == Bits(bits))
    }

    @Test("a source that nobody claims anything for gets nothing")
    func noClaim() {
        let claim = EntropyClaim(minEntropy: BitsPerSample(8)!, origin: .none)
        #expect(CreditPolicy(claim: claim, sampleBits: 8)?.credit(samples: 1 << 20) == .zero)
    }

    @Test("half is the default, and a descriptor says the rest")
    func defaults() {
        let descriptor = NoiseSourceDescriptor(
            name: "dice",
            summary: "Thrown by hand.",
            sampleBits: 2,
            kind: .symbols,
            claim: EntropyClaim(
                minEntropy: BitsPerSample(3)!,
                origin: .assessed(AssessmentStamp(.shipped, date: "2026-11-27", hash: ""))
            )
        )
        #expect(CreditPolicy(for: descriptor)?.credit(samples: 10).bits == Bits(10))
    }

    @Test("factors outside 0...1 are refused", arguments: [-0.1, 1.01, .nan, .infinity])
    func refused(factor: Double) {
        let claim = EntropyClaim(minEntropy: BitsPerSample(1)!, origin: .operatorStated)
        #expect(CreditPolicy(claim: claim, sampleBits: 8, safetyFactor: factor) == nil)
    }

    @Test("credit is rounded down and never overflows")
    func extremes() {
        let tenth = CreditPolicy.crediting(0.1)
        #expect(tenth.credit(samples: 10).bits < Bits(1))
        #expect(tenth.credit(samples: 10).bits > Bits(1 - 0x1p-20))
        #expect(CreditPolicy.crediting(64).credit(samples: .max).bits == Bits(0x1p38))
    }
}
