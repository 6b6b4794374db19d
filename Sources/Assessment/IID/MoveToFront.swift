// The move-to-front transform of bzip2 for up to 15 byte values (Bentley and others, 1986).
// SPDX-License-Identifier: Apache-2.0

/// Writes the position of each code in the list of codes, which then moves to its front. At first
/// the list holds the codes of `used` (bit c for code c) in increasing order.
///
/// The list is a word of 4 bits per entry. Four parts of the column go side by side, as each step
/// waits for the one before it: the list at the start of a part follows from what lies before.
func moveToFront(
    _ column: UnsafePointer<UInt8>,
    _ count: Int,
    used: UInt16,
    into positions: UnsafeMutablePointer<UInt8>
) {
    let quarter = count / 4
    var lists = (0..<4).map { NibbleList(before: $0 * quarter, of: column, used: used) }
    var (first, second, third, fourth) = (lists[0], lists[1], lists[2], lists[3])
    for place in 0..<quarter {
        positions[place] = first.move(column[place])
        positions[place &+ quarter] = second.move(column[place &+ quarter])
        positions[place &+ 2 &* quarter] = third.move(column[place &+ 2 &* quarter])
        positions[place &+ 3 &* quarter] = fourth.move(column[place &+ 3 &* quarter])
    }
    lists.removeAll()
    for place in 4 * quarter..<count { positions[place] = fourth.move(column[place]) }
}

/// A list of up to 15 distinct codes below 15, the front in the lowest bits.
private struct NibbleList {
    private var entries: UInt64

    /// The list in front of a place of the column.
    init(before place: Int, of column: UnsafePointer<UInt8>, used: UInt16) {
        var order: [UInt8] = []
        var missing = used
        var back = place
        while back > 0 && missing != 0 {
            back -= 1
            let code = column[back]
            if missing & (1 << UInt16(code)) != 0 {
                missing &= ~(1 << UInt16(code))
                order.append(code)
            }
        }
        for code in 0..<UInt8(15) where missing & (1 << UInt16(code)) != 0 { order.append(code) }
        // Unused entries are 15, which is no code.
        entries = ~0
        for code in order.reversed() { entries = entries << 4 | UInt64(code) }
    }

    /// Position of a code that is in the list.
    @inline(__always)
    mutating func move(_ code: UInt8) -> UInt8 {
        let code = UInt64(code)
        let difference = entries ^ (code &* Self.ones)
        // The lowest bit set marks the lowest entry that is equal.
        let equal = (difference &- Self.ones) & ~difference & (Self.ones &<< 3)
        let mask = equal ^ (equal &- 1)
        entries = (entries & ~mask) | ((entries &<< 4 | code) & mask)
        // A code is in the list, so the top bit says nothing new but spares a check for zero.
        return UInt8(truncatingIfNeeded: (equal | 1 &<< 63).trailingZeroBitCount &>> 2)
    }

    private static let ones: UInt64 = 0x1111_1111_1111_1111
}
