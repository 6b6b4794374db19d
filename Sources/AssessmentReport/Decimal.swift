// Numbers as text with a fixed count of digits.
// SPDX-License-Identifier: Apache-2.0

/// `value` with `digits` (0...15) digits after the point, rounded to nearest; "not a number" and infinities
/// in words, since a report must never show a value that nobody computed.
package func decimal(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "undefined" : "unbounded" }
    var factor = 1.0
    for _ in 0..<digits { factor *= 10 }
    let scaled = (abs(value) * factor).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let whole = Int(scaled)
    let sign = value < 0 && whole > 0 ? "-" : ""
    let unit = Int(factor)
    guard digits > 0 else { return "\(sign)\(whole)" }
    let fraction = String(whole % unit)
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(whole / unit).\(zeros)\(fraction)"
}

/// A probability: four significant digits, small ones as a power of ten.
package func probability(_ value: Double) -> String {
    guard value.isFinite else { return decimal(value, 4) }
    if value == 0 { return "0" }
    if value >= 0.001 { return decimal(value, 4) }
    var mantissa = value
    var exponent = 0
    while mantissa < 1 {
        mantissa *= 10
        exponent -= 1
    }
    return "\(decimal(mantissa, 2))e\(exponent)"
}

/// 1234567 as 1,234,567.
package func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index).isMultiple(of: 3) { result += "," }
        result.append(digit)
    }
    return value < 0 ? "-" + result : result
}
