// Numbers as text, in the digits that a reader wants.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Decimal text of numbers, the same on every machine and in every locale.
package enum NumberText {
    /// Rounded to `decimals` places, 0...9; never "-0". A number too large for that is scientific.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "none" : value < 0 ? "-∞" : "∞" }
        let places = min(max(decimals, 0), 9)
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < largestExact else { return scientific(value, digits: 3) }
        let digits = String(Int(scaled))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return sign + padded }
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }

    /// About four significant digits, without needless zeros: 12, 0.4137, 1.024M, 3.2e-7.
    package static func short(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return fixed(value, decimals: 0) }
        let magnitude = value.magnitude
        if magnitude >= 1e12 || magnitude < 1e-4 { return scientific(value, digits: 3) }
        if value == value.rounded(), magnitude < 1e6 { return grouped(Int(value)) }
        let unit = Unit.largest(notAbove: magnitude)
        let scaled = value / unit.size
        let decimals = max(0, 3 - exponent(of: scaled))
        return trimmed(fixed(scaled, decimals: decimals)) + unit.suffix
    }

    /// With a comma after every three digits: 1,000,000.
    package static func grouped(_ value: Int) -> String {
        var text = ""
        for (index, digit) in String(value.magnitude).reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + String(text.reversed())
    }

    /// With the minus sign of print for the hyphen.
    package static func typeset(_ number: String) -> String {
        String(number.map { $0 == "-" ? "−" : $0 })
    }

    /// As 2.5e-7, with at most `digits` significant digits.
    package static func scientific(_ value: Double, digits: Int) -> String {
        guard value.isFinite, value != 0 else { return fixed(value, decimals: 0) }
        var power = exponent(of: value)
        var mantissa = fixed(mantissa(of: value, power: power), decimals: digits - 1)
        if mantissa.hasPrefix("10") || mantissa.hasPrefix("-10") {
            power += 1
            mantissa = fixed(Self.mantissa(of: value, power: power), decimals: digits - 1)
        }
        return trimmed(mantissa) + "e" + String(power)
    }

    /// The power of ten of the first digit; the value is finite and not 0.
    static func exponent(of value: Double) -> Int { Int(floor(log10(value.magnitude))) }

    /// Divides in two steps: 10 to the power -320 is not a normal number.
    private static func mantissa(of value: Double, power: Int) -> Double {
        let half = power / 2
        return value / pow(10, Double(half)) / pow(10, Double(power - half))
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var text = text
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// Above this a Double does not hold every whole number: 2^53.
    private static let largestExact = 9_007_199_254_740_992.0

    /// A decimal multiple and its suffix.
    struct Unit {
        let size: Double
        let suffix: String

        static func largest(notAbove magnitude: Double) -> Unit {
            if magnitude >= 1e9 { return Unit(size: 1e9, suffix: "G") }
            if magnitude >= 1e6 { return Unit(size: 1e6, suffix: "M") }
            if magnitude >= 1e4 { return Unit(size: 1e3, suffix: "k") }
            return Unit(size: 1, suffix: "")
        }
    }
}
