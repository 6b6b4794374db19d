// Wrapping and padding of text in columns of a terminal.
// SPDX-License-Identifier: Apache-2.0

/// Counts one column per character; a wide character of East Asia takes more than its column.
enum TextLayout {
    /// The text in lines of at most `width` columns, broken at spaces only, so that a longer word
    /// stays whole. `first` precedes the first line, `next` the others.
    static func wrap(
        _ text: String,
        width: Int?,
        first: String = "",
        next: String = ""
    ) -> [String] {
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for word in VisibleText.sanitise(text).split(separator: " ") {
            if !isEmpty, let width, line.count + 1 + word.count > width {
                lines.append(line)
                line = next
                isEmpty = true
            }
            line += isEmpty ? String(word) : " " + word
            isEmpty = false
        }
        lines.append(isEmpty ? trimmed(line) : line)
        return lines
    }

    /// Fills up with spaces, in front of numbers.
    static func pad(_ text: String, to width: Int, isNumber: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return isNumber ? space + text : text + space
    }

    /// Without spaces at the end.
    static func trimmed(_ text: String) -> String {
        var text = text
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}
