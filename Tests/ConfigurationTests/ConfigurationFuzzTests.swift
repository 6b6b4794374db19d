// Damaged files: whatever is in them, the answer is a value or an error, soon.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import Testing

@Suite("Damaged configuration files")
struct ConfigurationFuzzTests {
    /// 20,000 mutations in all. Each must end in a value or in an error that names the file.
    @Test(
        "mutations of the example neither crash nor hang",
        .timeLimit(.minutes(5)),
        arguments: 0..<4 as Range<UInt64>
    )
    func mutations(_ seed: UInt64) throws {
        let example = Array(try fullExample().utf8)
        var random = SplitMix64(state: seed)
        var accepted = 0
        for _ in 0..<5_000 {
            let damaged = damage(
                example,
                changes: 4,
                longest: 64,
                syntax: syntax,
                using: &random
            )
            if let message = complaints(damaged) {
                #expect(message.hasPrefix("wellspring.yaml:"))
            } else {
                accepted += 1
            }
        }
        // Damage in comments is accepted, damage elsewhere is not: neither can be all or none.
        #expect((50...4_500).contains(accepted))
    }

    private let syntax = Array("{}[]:,-?&*!|>'\"%@`#~ \n\t\r".utf8)
}

/// `bytes` with up to `changes` of its pieces, each shorter than `longest`, changed, doubled, removed or
/// replaced by one of `syntax`; never empty.
func damage(
    _ bytes: [UInt8],
    changes: Int,
    longest: Int,
    syntax: [UInt8],
    using random: inout SplitMix64
) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.below(changes) {
        let place = random.below(bytes.count)
        let length = min(random.below(longest), bytes.count - place)
        switch random.below(6) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.removeSubrange(place..<place + length)
        case 2: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
        case 3: bytes[place] = syntax[random.below(syntax.count)]
        case 4: bytes.insert(syntax[random.below(syntax.count)], at: place)
        default: bytes.removeLast(min(random.below(8 * longest), bytes.count - 1))
        }
        if bytes.isEmpty { bytes = [0x0A] }
    }
    return bytes
}

/// SplitMix64 (Steele, Lea, Flood 2014): a stream of numbers that is the same for the same state.
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed &>> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
}
