// The first bytes of a text's sorted rotations: ends of numerals with their blank.
// SPDX-License-Identifier: Apache-2.0

/// The sorted rotations of a text fall into classes that start with the same end of a numeral, such
/// as "", "5" or "25", and the blank. Within a class they are in the order of the numerals behind,
/// so the last column of the sorted rotations follows from the order of the numerals alone.
struct SuffixClasses {
    /// Keys of the classes in increasing order, which is their order in the text.
    let keys: [Int]
    /// Whether only whole numerals end like this, so that only blanks stand before: the classes of
    /// the longest numerals, whose words write nothing.
    let isWhole: [Bool]
    /// What each numeral adds to the column, by its rank.
    let entries: [Entry]

    /// A numeral seen from its end: what stands before its blank, its last digit, the last two.
    struct Entry {
        /// The last digit, which the class "" gets.
        var last: UInt8 = 0
        /// The digit before, or a blank if there is none, which the class of the last digit gets.
        var middle: UInt8 = 0
        /// The first of three digits or a blank, which the class of the last two digits gets.
        var first: UInt8 = 0
        /// Classes of the last one, two and three digits; nil where there are fewer.
        var classes: (one: Int, two: Int?, three: Int?) = (0, nil, nil)
        /// Bit c for each code c that the numeral and its blank have.
        var codes: UInt16 = 0
    }

    init(_ alphabet: DecimalAlphabet) {
        var keys: Set<Int> = []
        for digits in alphabet.numerals {
            for length in 0...digits.count { keys.insert(Self.key(digits.suffix(length))) }
        }
        let sorted = keys.sorted()
        self.keys = sorted
        let whole = alphabet.numerals.filter { $0.count == alphabet.longest }.map(Self.key)
        isWhole = sorted.map(whole.contains)
        entries = alphabet.numerals.map { digits in
            let place = { (length: Int) in
                digits.count < length ? nil : sorted.firstIndex(of: Self.key(digits.suffix(length)))
            }
            let digit = { (back: Int) in digits.count < back ? 0 : digits[digits.count - back] }
            return Entry(
                last: digit(1),
                middle: digit(2),
                first: digit(3),
                classes: (place(1)!, place(2), place(3)),
                codes: Self.codes(digits)
            )
        }
    }

    /// Bit c for each code c of some digits and a blank.
    static func codes(_ digits: [UInt8]) -> UInt16 {
        digits.reduce(1 << UInt16(DecimalAlphabet.blank)) { $0 | 1 << UInt16($1) }
    }

    /// Orders up to 6 digits as the text does, a blank behind them.
    static func key(_ digits: some Collection<UInt8>) -> Int {
        var key = 0
        for digit in digits { key = key * 11 + Int(digit) }
        for _ in digits.count..<6 { key *= 11 }
        return key
    }
}
