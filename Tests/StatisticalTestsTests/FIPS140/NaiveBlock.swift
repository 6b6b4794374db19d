// FIPS 140-2 block tests bit by bit, with the miscounts of Debian's rngtest on demand.
// SPDX-License-Identifier: Apache-2.0

import StatisticalTests

/// One block of 20,000 bits, counted in the plainest way.
struct NaiveBlock {
    let bits: [UInt8]
    var nibbles = [Int](repeating: 0, count: 16)
    /// Runs by bit value and length, 6 standing for 6 and more.
    var runs = [[Int]](repeating: [Int](repeating: 0, count: 6), count: 2)
    var longestRun = 0

    /// `previousBit` is given to count as Debian's rngtest 5 does: the last bit of the block before, or of
    /// nothing (0).
    init(_ bits: [UInt8], asDebianAfter previousBit: UInt8? = nil) {
        self.bits = bits
        for index in stride(from: 0, to: bits.count, by: 4) {
            nibbles[bits[index..<index + 4].reduce(0) { $0 * 2 + Int($1) }] += 1
        }
        var start = 0
        for index in 1...bits.count where index == bits.count || bits[index] != bits[start] {
            let isMisfiled = previousBit != nil && index < bits.count
            let value = Int(bits[start]) ^ (isMisfiled ? 1 : 0)
            runs[value][min(index - start, 6) - 1] += 1
            longestRun = max(longestRun, index - start)
            start = index
        }
        if let previousBit, bits[0] != previousBit {
            if bits[0] == 0 { nibbles[15] += 1 } else { runs[0][5] += 1 }
        }
    }

    var ones: Int { bits.reduce(0) { $0 + Int($1) } }

    var counts: BitBlockCounts {
        BitBlockCounts(
            ones: ones,
            pokerSquares: nibbles.reduce(0) { $0 + $1 * $1 },
            runsOfZeros: RunCounts(runs[0]),
            runsOfOnes: RunCounts(runs[1])
        )
    }

    /// The bits of bytes, the most significant first.
    static func bits(of bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
    }
}

extension RunCounts {
    init(_ counts: [Int]) {
        self.init(
            length1: counts[0],
            length2: counts[1],
            length3: counts[2],
            length4: counts[3],
            length5: counts[4],
            length6OrMore: counts[5]
        )
    }
}
