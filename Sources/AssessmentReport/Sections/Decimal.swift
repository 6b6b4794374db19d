// Numbers in the sections on ENT, FIPS 140-2 and AIS 31.
// SPDX-License-Identifier: Apache-2.0

/// A number with `digits` (0...9) digits behind the point, rounded; large ones as Swift writes them.
func decimal(_ value: Double, digits: Int) -> String {
    var factor = 1.0
    for _ in 0..<digits { factor *= 10 }
    let scaled = (abs(value) * factor).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let whole = Int(scaled)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let fraction = String(whole % Int(factor))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(whole / Int(factor)).\(zeros)\(fraction)"
}
