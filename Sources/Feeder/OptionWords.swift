// The words of a command line, taken off one option at a time.
// SPDX-License-Identifier: Apache-2.0

struct OptionWords {
    private var words: ArraySlice<String>
    private var given: [String] = []
    private var joinedValue: String?

    init(_ arguments: [String]) {
        words = arguments[...]
    }

    /// The next option's name; nil at the end. A value joined to an option that took none is refused.
    mutating func nextName() throws(UsageError) -> String? {
        if let name = given.last, joinedValue != nil {
            throw UsageError(description: "\(name) takes no value.")
        }
        guard let word = words.popFirst() else { return nil }
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map(String.init) ?? ""
        guard name.hasPrefix("-") else {
            throw UsageError(description: "\"\(word)\" stands alone; only options are taken.")
        }
        guard !given.contains(name) else {
            throw UsageError(description: "\(name) is given twice.")
        }
        given.append(name)
        joinedValue = parts.count == 2 ? String(parts[1]) : nil
        return name
    }

    /// The current option's value, parsed; complaints name option and value.
    mutating func value<T>(_ parse: (String) throws(UsageError) -> T) throws(UsageError) -> T {
        let name = given.last ?? ""
        guard let text = joinedValue ?? words.popFirst(), !text.isEmpty else {
            throw UsageError(description: "\(name) needs a value.")
        }
        joinedValue = nil
        do throws(UsageError) {
            return try parse(text)
        } catch {
            throw UsageError(description: "\(name) \(text): \(error.description)")
        }
    }

    mutating func integer(in range: ClosedRange<Int>) throws(UsageError) -> Int {
        try value { (text: String) throws(UsageError) -> Int in
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
                range.contains(number)
            else {
                throw UsageError(
                    description: "expected a whole number from \(range.lowerBound) to "
                        + "\(range.upperBound)."
                )
            }
            return number
        }
    }

    func wasGiven(_ name: String) -> Bool { given.contains(name) }
}
