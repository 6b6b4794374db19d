// Random numbers for permutations: xoshiro256** (Blackman and Vigna, 2018).
// SPDX-License-Identifier: Apache-2.0

/// A generator with a period of 2^256 - 1. Not for secrets: its state follows from its output.
struct Xoshiro256 {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// Starts with the state given. All zeros, from which the generator would never leave, become 1.
    init(seed: PermutationSeed) {
        let words = seed.words
        let isZero = words.0 | words.1 | words.2 | words.3 == 0
        state = (isZero ? 1 : words.0, words.1, words.2, words.3)
    }

    /// The next 64 bits.
    @inline(__always)
    mutating func next() -> UInt64 {
        let scaled = state.1 &* 5
        let result = (scaled &<< 7 | scaled &>> 57) &* 9
        let shifted = state.1 &<< 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 &<< 45 | state.3 &>> 19
        return result
    }

    /// Permutes bytes uniformly: Fisher and Yates's method with the bounded numbers of Lemire (2019),
    /// which are exactly uniform. Two numbers of 32 bits come from each output.
    mutating func shuffle(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) {
        precondition(count <= Int(UInt32.max))
        var generator = self
        var left = count
        while left > 1 {
            let random = generator.next()
            let high = generator.bounded(random &>> 32, left)
            swapBytes(bytes, left &- 1, high)
            left &-= 1
            if left == 1 { break }
            let low = generator.bounded(random & 0xFFFF_FFFF, left)
            swapBytes(bytes, left &- 1, low)
            left &-= 1
        }
        self = generator
    }

    /// A number below the bound from 32 random bits, and more if these would make it uneven.
    @inline(__always)
    private mutating func bounded(_ random: UInt64, _ bound: Int) -> Int {
        let bound = UInt64(truncatingIfNeeded: bound)
        var product = random &* bound
        if product & 0xFFFF_FFFF < bound {
            let uneven = (1 << 32 - bound) % bound
            while product & 0xFFFF_FFFF < uneven { product = (next() &>> 32) &* bound }
        }
        return Int(truncatingIfNeeded: product &>> 32)
    }

    @inline(__always)
    private func swapBytes(_ bytes: UnsafeMutablePointer<UInt8>, _ one: Int, _ other: Int) {
        let byte = bytes[one]
        bytes[one] = bytes[other]
        bytes[other] = byte
    }
}

/// Where a worker's random numbers start: 256 bits of the caller's, different for each worker.
package struct PermutationSeed: Sendable {
    package let words: (UInt64, UInt64, UInt64, UInt64)

    package init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
        words = (first, second, third, fourth)
    }
}
