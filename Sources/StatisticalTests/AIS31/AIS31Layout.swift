// Which bits procedure A takes for its blocks (AIS 20/31 version 2.0, section 2.4.4.1).
// SPDX-License-Identifier: Apache-2.0

/// Where the blocks of 20,000 bits for T1 to T5 come from.
///
/// Words of several bits are also looked at one bit position at a time: a round is one block of bits in
/// succession and then one block for each of the `symbolWidth` positions of 20,000 words. Rounds follow
/// one another until there are 257 blocks. A round begins with a whole word.
package enum AIS31Layout: Sendable, Equatable, Encodable {
    /// All blocks from bits in succession, as for internal random numbers of one bit.
    case consecutive
    /// Rounds as described, for internal random numbers of 2...64 bits.
    case positions(symbolWidth: Int)

    /// The first bit and the distance of the bits of one block.
    struct Place {
        var first: Int
        var step: Int
    }

    /// Places of the 257 blocks behind `start`, and the end of all bits taken.
    func places(from start: Int) -> (blocks: [Place], end: Int) {
        var blocks: [Place] = []
        var next = start
        switch self {
        case .consecutive:
            for _ in 0..<AIS31.blocks {
                blocks.append(Place(first: next, step: 1))
                next += BitBlock.bitCount
            }
        case .positions(let width):
            precondition((2...64).contains(width))
            while blocks.count < AIS31.blocks {
                next = Self.roundUp(next, width)
                blocks.append(Place(first: next, step: 1))
                next = Self.roundUp(next + BitBlock.bitCount, width)
                guard blocks.count < AIS31.blocks else { break }
                for position in 0..<width where blocks.count < AIS31.blocks {
                    blocks.append(Place(first: next + position, step: width))
                }
                next += BitBlock.bitCount * width
            }
        }
        return (blocks, next)
    }

    private static func roundUp(_ position: Int, _ width: Int) -> Int {
        (position + width - 1) / width * width
    }
}
