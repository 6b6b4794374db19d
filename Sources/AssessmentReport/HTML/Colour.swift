// Colours and their contrast (WCAG 2.2, success criterion 1.4.3).
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// An opaque colour of the sRGB space.
package struct Colour: Sendable, Equatable {
    package let red: UInt8
    package let green: UInt8
    package let blue: UInt8

    /// From 0xRRGGBB.
    package init(_ code: UInt32) {
        red = UInt8(truncatingIfNeeded: code >> 16)
        green = UInt8(truncatingIfNeeded: code >> 8)
        blue = UInt8(truncatingIfNeeded: code)
    }

    private init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// As CSS writes it: #rrggbb.
    package var css: String {
        "#"
            + [red, green, blue].map { component in
                (component < 16 ? "0" : "") + String(component, radix: 16)
            }.joined()
    }

    /// Relative luminance, 0 (black) to 1 (white).
    package var luminance: Double {
        func linear(_ component: UInt8) -> Double {
            let value = Double(component) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    /// Contrast ratio, 1...21; text of normal size needs 4.5 (level AA).
    package func contrast(with other: Colour) -> Double {
        let lighter = max(luminance, other.luminance)
        let darker = min(luminance, other.luminance)
        return (lighter + 0.05) / (darker + 0.05)
    }

    /// The colour at `fraction` 0...1 of the way to another.
    func mixed(with other: Colour, _ fraction: Double) -> Colour {
        func mix(_ from: UInt8, _ to: UInt8) -> UInt8 {
            UInt8((Double(from) + (Double(to) - Double(from)) * fraction).rounded())
        }
        return Colour(
            red: mix(red, other.red),
            green: mix(green, other.green),
            blue: mix(blue, other.blue)
        )
    }
}

/// The colours of heat maps: from paper white over blue to nearly black, lightness falling evenly.
package enum HeatColours {
    /// Levels 0...127: literals below 144 cost eight bits each in the picture's compression.
    package static let palette: [Colour] = (0..<levels).map { level in
        let position = Double(level) / Double(levels - 1) * Double(anchors.count - 1)
        let index = min(Int(position), anchors.count - 2)
        return anchors[index].mixed(with: anchors[index + 1], position - Double(index))
    }

    /// The level of an intensity; what is not within 0...1 counts as the nearer end, NaN as 0.
    package static func level(_ intensity: Float) -> UInt8 {
        guard intensity > 0 else { return 0 }
        return UInt8((min(intensity, 1) * Float(levels - 1)).rounded())
    }

    private static let levels = 128
    private static let anchors = [
        0xFFFFFF, 0xD6E8F5, 0x8FC1E3, 0x4590C6, 0x1F62A5, 0x123A70, 0x0A1836,
    ].map { Colour($0) }
}
