// The last column of a text block's sorted rotations (Burrows and Wheeler, 1994), by numerals.
// SPDX-License-Identifier: Apache-2.0

/// Writes the last column of a block that is given as words of an alphabet.
struct TextColumn {
    let alphabet: DecimalAlphabet
    private let classes: SuffixClasses

    init(_ alphabet: DecimalAlphabet) {
        self.alphabet = alphabet
        classes = SuffixClasses(alphabet)
    }

    /// Writes the column. The memory must have room for the block's bytes and one per word.
    /// - Parameters:
    ///   - order: the rotations of the words in increasing order.
    ///   - counts: how often each word occurs, the stranger not counted.
    ///   - stranger: the digits of the last word if it is none of the alphabet.
    func write(
        _ order: UnsafePointer<UInt64>,
        words: UnsafePointer<UInt8>,
        count: Int,
        counts: UnsafePointer<Int>,
        stranger: [UInt8]?,
        into column: UnsafeMutablePointer<UInt8>
    ) -> LastColumn {
        var layout = Layout(classes, counts: counts, stranger: stranger)
        for range in layout.whole {
            (column + range.lowerBound).update(repeating: DecimalAlphabet.blank, count: range.count)
        }
        let result = LastColumn(
            codes: column,
            count: layout.count,
            used: layout.used,
            blanks: layout.blanks
        )
        guard let stranger else {
            write(order, 0..<count, words: words, ends: &layout.ends, into: column)
            return result
        }
        // The stranger stands before the rotation of index 0.
        var seam = 0
        while order[seam] & NumeralOrder.indexMask != 0 { seam &+= 1 }
        write(order, 0..<seam, words: words, ends: &layout.ends, into: column)
        if stranger.count > alphabet.longest {
            // The class of a longest numeral holds blanks so far, and so was not counted up.
            let suffix = stranger.suffix(alphabet.longest)
            if let rank = alphabet.numerals.firstIndex(where: { $0.elementsEqual(suffix) }) {
                var before = 0
                for place in 0..<seam {
                    let index = Int(truncatingIfNeeded: order[place] & NumeralOrder.indexMask)
                    before &+= words[index &- 1] == UInt8(rank) ? 1 : 0
                }
                layout.ends[layout.seamClasses[alphabet.longest]] += Int32(before)
            }
        }
        for (length, place) in layout.seamClasses.enumerated() {
            let code =
                length < stranger.count
                ? stranger[stranger.count - 1 - length] : DecimalAlphabet.blank
            column[Int(layout.ends[place])] = code
            layout.ends[place] += 1
        }
        write(order, seam + 1..<count, words: words, ends: &layout.ends, into: column)
        return result
    }

    /// Writes what the words before some rotations add.
    private func write(
        _ order: UnsafePointer<UInt64>,
        _ range: Range<Int>,
        words: UnsafePointer<UInt8>,
        ends: inout [Int32],
        into column: UnsafeMutablePointer<UInt8>
    ) {
        let before = words - 1
        // The class of the blank alone is the first of all.
        let start = Int(ends[0])
        let shift = start &- range.lowerBound
        ends[0] += Int32(range.count)
        withUnsafeTemporaryAllocation(of: Packed.self, capacity: 256) { packed in
            let packed = packed.baseAddress!
            for (rank, entry) in classes.entries.enumerated() {
                packed[rank] = Packed(entry, trash: ends.count - 1)
            }
            ends.withUnsafeMutableBufferPointer { ends in
                let ends = ends.baseAddress!
                switch alphabet.longest {
                case 1:
                    for place in range {
                        let index = Int(truncatingIfNeeded: order[place] & NumeralOrder.indexMask)
                        column[place &+ shift] = packed[Int(before[index])].last
                    }
                case 2:
                    for place in range {
                        let index = Int(truncatingIfNeeded: order[place] & NumeralOrder.indexMask)
                        let word = packed[Int(before[index])]
                        column[place &+ shift] = word.last
                        column[Int(ends[Int(word.one)])] = word.middle
                        ends[Int(word.one)] &+= 1
                    }
                default:
                    for place in range {
                        let index = Int(truncatingIfNeeded: order[place] & NumeralOrder.indexMask)
                        let word = packed[Int(before[index])]
                        column[place &+ shift] = word.last
                        column[Int(ends[Int(word.one)])] = word.middle
                        ends[Int(word.one)] &+= 1
                        column[Int(ends[Int(word.two)])] = word.first
                        ends[Int(word.two)] &+= 1
                    }
                }
            }
        }
    }

    /// An entry in 8 bytes. Numerals of one digit write their second class to the trash.
    private struct Packed {
        var last: UInt8
        var middle: UInt8
        var first: UInt8
        var one: UInt16
        var two: UInt16

        init(_ entry: SuffixClasses.Entry, trash: Int) {
            last = entry.last
            middle = entry.middle
            first = entry.first
            one = UInt16(entry.classes.one)
            two = UInt16(entry.classes.two ?? trash)
        }
    }
}

/// Where each class goes on in the column of one block.
private struct Layout {
    /// Next place of each class: those of the alphabet, those of the stranger alone, the trash.
    var ends: [Int32]
    /// Classes of the stranger's ends of 0, 1, 2, ... digits.
    var seamClasses: [Int] = []
    /// Places of blanks that no word writes.
    var whole: [Range<Int>] = []
    /// Blanks that have no place.
    var blanks: [(place: Int, length: Int)] = []
    /// Number of codes in the column.
    let count: Int
    /// Bit c for each code c in the column.
    var used: UInt16 = 0

    init(_ classes: SuffixClasses, counts: UnsafePointer<Int>, stranger: [UInt8]?) {
        var sizes = [Int](repeating: 0, count: classes.keys.count)
        for (rank, entry) in classes.entries.enumerated() where counts[rank] > 0 {
            used |= entry.codes
            sizes[0] += counts[rank]
            sizes[entry.classes.one] += counts[rank]
            if let two = entry.classes.two { sizes[two] += counts[rank] }
            if let three = entry.classes.three { sizes[three] += counts[rank] }
        }
        var keys = classes.keys
        var isWhole = classes.isWhole
        if let stranger {
            used |= SuffixClasses.codes(stranger)
            for length in 0...stranger.count {
                let key = SuffixClasses.key(stranger.suffix(length))
                if let place = keys.firstIndex(of: key) {
                    sizes[place] += 1
                    seamClasses.append(place)
                } else {
                    keys.append(key)
                    sizes.append(1)
                    isWhole.append(false)
                    seamClasses.append(keys.count - 1)
                }
            }
        }
        ends = [Int32](repeating: 0, count: keys.count + 1)
        var sum = 0
        for place in keys.indices.sorted(by: { keys[$0] < keys[$1] }) {
            ends[place] = Int32(sum)
            var size = sizes[place]
            if isWhole[place] && size > 1 && !seamClasses.contains(place) {
                // One blank stands for the run; the others are zeros once moved to front.
                blanks.append((sum + 1, size - 1))
                size = 1
            }
            if isWhole[place] { whole.append(sum..<sum + size) }
            sum += size
        }
        count = sum
        ends[keys.count] = Int32(sum)
    }
}
