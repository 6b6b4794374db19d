// What is known about a noise source before it is opened.
// SPDX-License-Identifier: Apache-2.0

/// One digitised output of a noise source before any conditioning (SP 800-90B section 2.2.1),
/// as an unsigned integer; the low ``NoiseSourceDescriptor/sampleBits`` bits are what is assessed.
package typealias RawSample = UInt64

/// The standing facts of a noise source: its name, the shape of its samples and its claim.
package struct NoiseSourceDescriptor: Sendable, Equatable {
    /// Short name, unique in a configuration: lower-case letters, digits and hyphens.
    package var name: String
    /// One sentence: where the unpredictability comes from.
    package var summary: String
    /// Width of an assessed sample in bits, 1...8: health tests, assessment and mixing see the low
    /// `sampleBits` bits of each raw sample.
    package var sampleBits: Int
    package var kind: Kind
    package var claim: EntropyClaim

    package init(
        name: String,
        summary: String,
        sampleBits: Int,
        kind: Kind,
        claim: EntropyClaim
    ) {
        precondition((1...8).contains(sampleBits))
        self.name = name
        self.summary = summary
        self.sampleBits = sampleBits
        self.kind = kind
        self.claim = claim
    }

    /// What the samples are, which decides the health tests beyond those of SP 800-90B section 4.4.
    package enum Kind: Sendable, Equatable {
        /// Differences of time stamps: the lag predictor and the stuck test apply as well.
        case timing
        /// Symbols of a device or a program.
        case symbols
    }

    package var symbolMask: RawSample { (1 << RawSample(sampleBits)) - 1 }
}

/// A claimed min-entropy per sample and who stands behind it.
package struct EntropyClaim: Sendable, Equatable {
    /// The H that the health tests' cut-offs are computed from, and that credit is a fraction of.
    package var minEntropy: BitsPerSample
    package var origin: Origin

    package init(minEntropy: BitsPerSample, origin: Origin) {
        self.minEntropy = minEntropy
        self.origin = origin
    }

    package enum Origin: Sendable, Equatable {
        /// Assessed, by the project or on this machine.
        case assessed(AssessmentStamp)
        /// Stated by the operator in the configuration.
        case operatorStated
        /// A deliberately low figure for a generator that cannot be examined.
        case blackBox
        /// Mixed only.
        case none
    }
}
