// Amounts of entropy as types (SP 800-90B section 2.1: min-entropy in bits).
// SPDX-License-Identifier: Apache-2.0

/// An amount of min-entropy, in bits. Never negative, never NaN.
package struct Bits: Comparable, Sendable, Hashable {
    package let count: Double

    package init(_ count: Double) {
        precondition(
            count >= 0 && count.isFinite,
            "an amount of entropy is finite and not negative"
        )
        self.count = count
    }

    package static let zero = Bits(0)

    package static func < (a: Bits, b: Bits) -> Bool { a.count < b.count }
    package static func + (a: Bits, b: Bits) -> Bits { Bits(a.count + b.count) }
    package static func += (a: inout Bits, b: Bits) { a = a + b }
    /// The difference, or zero where it would be negative.
    package static func - (a: Bits, b: Bits) -> Bits { Bits(max(0, a.count - b.count)) }

    /// Whole bits, rounded down: what may be told to a kernel.
    package var wholeBits: Int { Int(count) }
}

/// Min-entropy per raw sample, in bits: the H of SP 800-90B. In 0...64.
package struct BitsPerSample: Comparable, Sendable, Hashable {
    package let value: Double

    /// Nil outside 0...64 or for NaN.
    package init?(_ value: Double) {
        guard value >= 0, value <= 64 else { return nil }
        self.value = value
    }

    package static let zero = BitsPerSample(0)!

    package static func < (a: BitsPerSample, b: BitsPerSample) -> Bool { a.value < b.value }

    /// The entropy of `sampleCount` samples at this rate.
    package func bits(sampleCount: Int) -> Bits { Bits(value * Double(sampleCount)) }
}
