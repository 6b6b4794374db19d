// Run lengths of bzip2, between moving to front and Huffman coding.
// SPDX-License-Identifier: Apache-2.0

/// Turns positions into symbols: runs of zeros become their length in bijective base 2 with the
/// symbols 0 and 1, other positions the next larger number.
struct RunCoder {
    private let symbols: UnsafeMutablePointer<UInt8>
    private var count = 0
    /// Zeros that are not written yet.
    private var zeros = 0

    /// Writes to memory for one symbol more than there are positions, and some bytes.
    init(_ symbols: UnsafeMutablePointer<UInt8>) {
        self.symbols = symbols
    }

    /// Adds some positions. Up to 8 bytes behind them are read, but do not matter.
    mutating func add(_ positions: UnsafePointer<UInt8>, _ range: Range<Int>) {
        let end = range.upperBound
        var place = range.lowerBound
        while place < end {
            if zeros == 0 {
                // One zero alone is the symbol 0, so that only two in a row are a special case.
                var next = count
                while place &+ 1 < end {
                    let one = positions[place]
                    if one | positions[place &+ 1] == 0 { break }
                    symbols[next] = one &+ (one == 0 ? 0 : 1)
                    next &+= 1
                    place &+= 1
                }
                count = next
            }
            let start = place
            while place < end && positions[place] == 0 {
                place &+= 1
                let ahead = UnsafeRawPointer(positions + place).loadUnaligned(as: UInt64.self)
                if ahead == 0 && place &+ 8 <= end { place &+= 8 }
            }
            zeros &+= place &- start
            guard place < end else { return }
            writeZeros()
            symbols[count] = positions[place] &+ 1
            count &+= 1
            place &+= 1
        }
    }

    /// Adds zeros.
    mutating func addZeros(_ length: Int) { zeros += length }

    /// Ends the block. Returns the number of symbols.
    mutating func finish(endOfBlock: UInt8) -> Int {
        writeZeros()
        symbols[count] = endOfBlock
        return count + 1
    }

    @inline(__always)
    private mutating func writeZeros() {
        var length = zeros &+ 1
        while length > 1 {
            symbols[count] = UInt8(truncatingIfNeeded: length & 1)
            count &+= 1
            length &>>= 1
        }
        zeros = 0
    }
}
