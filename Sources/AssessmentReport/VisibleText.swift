// Text from elsewhere, such as a file name, made safe to show on a page or a terminal.
// SPDX-License-Identifier: Apache-2.0

/// Replaces what a reader cannot see but a program would obey.
package enum VisibleText {
    /// The text with control, direction and other invisible format characters replaced by U+FFFD,
    /// and tabs and line ends by a space.
    package static func sanitise(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\t", "\n", "\r": result.append(" ")
            default: result.append(isHarmless(scalar) ? scalar : "\u{FFFD}")
            }
        }
        return String(result)
    }

    /// Not of the categories Cc, Cf, Cn, Co, Cs, Zl and Zp of the Unicode standard. Joiners and
    /// soft hyphens are lost, too: a report does not need them.
    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .unassigned, .privateUse, .surrogate: false
        case .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
