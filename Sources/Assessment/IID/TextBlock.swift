// Division of the decimal text into the blocks that bzip2 sorts.
// SPDX-License-Identifier: Apache-2.0

/// A block of the text, whose rotations bzip2 sorts: numerals, each with the blank behind it. Where
/// the block's end meets its start, the parts of two numerals make one more, the seam.
struct TextBlock {
    /// Sample in whose numeral the block starts, and bytes of the numeral before the start.
    let start: Int
    let startOffset: Int
    /// Length in bytes.
    let length: Int
    /// Samples that lie in the block with all their digits and their blank, apart from the seam.
    /// Like the seam not meaningful if the block is shorter than two numerals.
    private(set) var samples: Range<Int>
    /// Digits of the seam, 0...6 codes; nil if the block starts and ends between numerals.
    private(set) var seam: [UInt8]?

    fileprivate init(start: Int, startOffset: Int, length: Int, samples: Range<Int>, seam: [UInt8]?)
    {
        self.start = start
        self.startOffset = startOffset
        self.length = length
        self.samples = samples
        self.seam = seam
    }

    /// The block whose first numeral belongs to the seam.
    fileprivate func droppingFirst(seam: [UInt8]) -> TextBlock {
        var block = self
        block.samples = samples.dropFirst()
        block.seam = seam
        return block
    }
}

/// Walks through the text from block to block.
struct TextBlocks {
    private let samples: UnsafeBufferPointer<UInt8>
    private let alphabet: DecimalAlphabet
    /// Bytes of the text from `sample` and `offset` on.
    private var bytesLeft: Int
    private var sample = 0
    private var offset = 0

    init(_ samples: UnsafeBufferPointer<UInt8>, alphabet: DecimalAlphabet, textLength: Int) {
        self.samples = samples
        self.alphabet = alphabet
        bytesLeft = textLength
    }

    /// The next block, or nil at the end of the text.
    mutating func next() -> TextBlock? {
        guard bytesLeft > 0 else { return nil }
        let (start, startOffset, available) = (sample, offset, bytesLeft)
        advance(by: min(available, Self.capacity))
        // A run of equal bytes enters a block as a whole.
        while bytesLeft > 0 && offset > 0 && byte(sample, offset) == byte(sample, offset - 1) {
            step()
        }
        // The encoder reads one byte more to see a run's end; if that is all, it does not wait.
        if bytesLeft == 1 { step() }

        let tail = (0..<offset).map { byte(sample, $0) }
        let head = startOffset > 0 ? Array(numeral(start).dropFirst(startOffset)) : nil
        let block = TextBlock(
            start: start,
            startOffset: startOffset,
            length: available - bytesLeft,
            samples: start..<max(start, sample),
            seam: nil
        )
        switch (tail.isEmpty, head) {
        case (true, nil): return block
        case (true, .some(let head)): return block.droppingFirst(seam: head)
        case (false, .some(let head)): return block.droppingFirst(seam: tail + head)
        case (false, nil): return block.droppingFirst(seam: tail + numeral(start))
        }
    }

    /// Writes the codes of a block's bytes.
    func spell(_ block: TextBlock, into codes: UnsafeMutablePointer<UInt8>) {
        var (sample, offset) = (block.start, block.startOffset)
        for place in 0..<block.length {
            codes[place] = byte(sample, offset)
            offset += 1
            if codes[place] == DecimalAlphabet.blank { (sample, offset) = (sample + 1, 0) }
        }
    }

    /// Goes forward by a number of bytes that are left.
    private mutating func advance(by count: Int) {
        var rest = count + offset
        bytesLeft -= count
        alphabet.width.withUnsafeBufferPointer { width in
            // As long as 16 numerals must fit, the end needs no check.
            while rest >= 16 * (alphabet.longest + 1) && sample &+ 16 <= samples.count {
                var bytes = 0
                for place in sample..<sample &+ 16 { bytes &+= Int(width[Int(samples[place])]) }
                rest &-= bytes
                sample &+= 16
            }
            while sample < samples.count && rest >= Int(width[Int(samples[sample])]) {
                rest -= Int(width[Int(samples[sample])])
                sample += 1
            }
        }
        offset = rest
    }

    private mutating func step() { advance(by: 1) }

    /// Codes of the digits of a sample.
    private func numeral(_ sample: Int) -> [UInt8] {
        alphabet.numerals[Int(alphabet.rank[Int(samples[sample])])]
    }

    /// Code of a byte of a sample's text, digits and blank.
    private func byte(_ sample: Int, _ offset: Int) -> UInt8 {
        let numeral = numeral(sample)
        return offset < numeral.count ? numeral[offset] : DecimalAlphabet.blank
    }

    /// Bytes after which a block is full: block size 5 of 100,000 bytes, less 19 for a last run.
    static let capacity = 5 * 100_000 - 19
}
