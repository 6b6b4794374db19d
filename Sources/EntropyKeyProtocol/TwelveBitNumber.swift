// Numbers of 12 bits in two base64 characters, the low six bits first.
// SPDX-License-Identifier: Apache-2.0

/// Sequence numbers and lengths in frames: 0 is `AA`, 12 is `MA`, 4095 is `//`.
package enum TwelveBitNumber {
    /// Nil when one of the characters is none of base64's.
    @inline(__always)
    package static func decode(_ first: UInt8, _ second: UInt8) -> Int? {
        guard let low = value(first), let high = value(second) else { return nil }
        return low | high << 6
    }

    /// `number` in 0...4095.
    package static func encode(_ number: Int) -> (UInt8, UInt8) {
        precondition((0...maximum).contains(number))
        return (character(number & 63), character(number >> 6))
    }

    package static let maximum = 4095

    private static func value(_ character: UInt8) -> Int? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(character) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(character) - 97 + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(character) - 48 + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    private static func character(_ value: Int) -> UInt8 {
        switch value {
        case ..<26: UInt8(65 + value)
        case ..<52: UInt8(97 + value - 26)
        case ..<62: UInt8(48 + value - 52)
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }
}
