// Text within HTML and CSS, escaped.
// SPDX-License-Identifier: Apache-2.0

enum HTMLText {
    /// For content and quoted attributes, in HTML as well as in XML; invisible characters replaced.
    static func escape(_ text: String) -> String {
        var result = ""
        for character in VisibleText.sanitise(text).unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// As a string of CSS with its quotes; all but letters and digits go by their number, which six
    /// digits end (CSS Syntax Module Level 3, section 4.3.7).
    static func cssString(_ text: String) -> String {
        var result = "\""
        for scalar in VisibleText.sanitise(text).unicodeScalars {
            if scalar == " " || (scalar.isASCII && scalar.properties.isAlphabetic)
                || ("0"..."9").contains(scalar)
            {
                result.unicodeScalars.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16)
                result += "\\" + String(repeating: "0", count: 6 - digits.count) + digits
            }
        }
        return result + "\""
    }
}
