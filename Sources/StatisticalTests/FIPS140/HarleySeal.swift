// Counting ones in many words with carry-save adders (Harley and Seal; Warren, Hacker's Delight, 5-1).
// SPDX-License-Identifier: Apache-2.0

/// Number of ones in the vectors `load(0)` to `load(groups * 8 - 1)`, at most 512 groups.
///
/// Eight vectors are added bit by bit to one of weight 8, so that one population count is paid instead
/// of eight; processors of the baseline have no instruction for it.
@inline(__always)
func onesCount(groups: Int, _ load: (Int) -> SIMD2<UInt64>) -> Int {
    var (ones, twos, fours) = (SIMD2<UInt64>.zero, SIMD2<UInt64>.zero, SIMD2<UInt64>.zero)
    var total = SIMD2<UInt64>.zero
    for group in 0..<groups {
        let first = group &* 8
        let a = add(&ones, load(first), load(first &+ 1))
        let b = add(&ones, load(first &+ 2), load(first &+ 3))
        let c = add(&ones, load(first &+ 4), load(first &+ 5))
        let d = add(&ones, load(first &+ 6), load(first &+ 7))
        let ab = add(&twos, a, b)
        let cd = add(&twos, c, d)
        let eights = add(&fours, ab, cd)
        total &+= byteCounts(eights)
    }
    total = total &<< 3
    total &+= byteCounts(fours) &<< 2
    total &+= byteCounts(twos) &<< 1
    total &+= byteCounts(ones)
    let sum = total[0] &+ total[1]
    return Int(truncatingIfNeeded: (sum &* 0x0001_0001_0001_0001) &>> 48)
}

/// Adds two vectors to `sum`, bit by bit, and returns the carries.
@inline(__always)
private func add(
    _ sum: inout SIMD2<UInt64>,
    _ a: SIMD2<UInt64>,
    _ b: SIMD2<UInt64>
) -> SIMD2<UInt64> {
    let half = sum ^ a
    let carry = (sum & a) | (half & b)
    sum = half ^ b
    return carry
}

/// The ones of each 16 bits, as numbers in their place.
@inline(__always)
private func byteCounts(_ bits: SIMD2<UInt64>) -> SIMD2<UInt64> {
    let pairs = bits &- ((bits &>> 1) & 0x5555_5555_5555_5555)
    let nibbles = (pairs & 0x3333_3333_3333_3333) &+ ((pairs &>> 2) & 0x3333_3333_3333_3333)
    let bytes = (nibbles &+ (nibbles &>> 4)) & 0x0F0F_0F0F_0F0F_0F0F
    return (bytes &+ (bytes &>> 8)) & 0x00FF_00FF_00FF_00FF
}
