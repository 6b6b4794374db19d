// Decimal numerals of sample values, the words of the text that SP 800-90B, section 5.1.11, compresses.
// SPDX-License-Identifier: Apache-2.0

/// The distinct values of a sample as numerals in the order of the text: the blank that ends a
/// numeral sorts before the digits, so that "1 " comes before "10 " and "10 " before "2 ".
struct DecimalAlphabet {
    /// The digits of each numeral in text order, as codes: 1 for "0" up to 10 for "9".
    let numerals: [[UInt8]]
    /// Place of a symbol in text order at its index; 0 where the symbol does not occur.
    let rank: [UInt8]
    /// Digits of the symbol at its index, and one for the blank.
    let width: [UInt8]
    /// Digits of the longest numeral, 1...3.
    let longest: Int

    /// Code of the blank, below those of the digits.
    static let blank: UInt8 = 0

    /// Takes the distinct values in increasing order, at least one. The symbols are the values
    /// themselves, or their places in this order.
    init(values: [UInt8], renumbered: Bool = false) {
        let spelled = values.enumerated()
            .map {
                (symbol: renumbered ? $0.offset : Int($0.element), digits: Self.digits($0.element))
            }
            .sorted { $0.digits.lexicographicallyPrecedes($1.digits) }
        var rank = [UInt8](repeating: 0, count: 256)
        var width = [UInt8](repeating: 0, count: 256)
        for (place, word) in spelled.enumerated() {
            rank[word.symbol] = UInt8(place)
            width[word.symbol] = UInt8(word.digits.count + 1)
        }
        numerals = spelled.map(\.digits)
        self.rank = rank
        self.width = width
        longest = numerals.reduce(1) { max($0, $1.count) }
    }

    /// Number of distinct values.
    var count: Int { numerals.count }

    /// Length in bytes of the text of all samples: numerals joined by single blanks.
    func textLength(_ samples: UnsafeBufferPointer<UInt8>) -> Int {
        var length = -1
        for sample in samples { length &+= Int(width[Int(sample)]) }
        return max(0, length)
    }

    /// Codes of the digits of a value.
    private static func digits(_ value: UInt8) -> [UInt8] {
        var digits: [UInt8] = []
        var rest = value
        repeat {
            digits.insert(rest % 10 + 1, at: 0)
            rest /= 10
        } while rest > 0
        return digits
    }
}
