// What the tests of this target share.
// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import RandomBitGenerator

/// One case of the known-answer files; see Vectors/make.c for its meaning.
struct Vector: Decodable {
    struct Step: Decodable {
        enum Kind: String, Decodable { case reseed, generate, fresh }
        var kind: Kind
        var length: Int
        var entropy: String
        var additional: String
        var output: String
    }
    var df: Bool
    var entropy: String
    var nonce: String
    var personalization: String
    var steps: [Step]

    static func load(_ name: String) throws -> [Vector] {
        let url = Bundle.module.url(forResource: name, withExtension: "json")!
        return try JSONDecoder().decode([Vector].self, from: Data(contentsOf: url))
    }
}

extension CTRDRBG {
    /// Both forms, by what the standard calls them.
    init(
        df: Bool,
        entropy: [UInt8],
        nonce: [UInt8] = [],
        personalization: [UInt8] = [],
        guardian: ForkGuard? = nil
    ) throws {
        // Arrays cannot give a noncopyable result, but owned copies of them can be pointed to.
        let all = Owned(entropy)
        let salt = Owned(nonce)
        let name = Owned(personalization)
        defer { withExtendedLifetime((all, salt, name)) {} }
        try self.init(
            untested: all.bytes,
            nonce: salt.bytes,
            personalization: name.bytes,
            derives: df,
            guardian: guardian
        )
    }

    mutating func reseed(_ entropy: [UInt8], _ additional: [UInt8] = []) throws {
        try entropy.withUnsafeBytes { entropy in
            try additional.withUnsafeBytes {
                try reseed(entropy: entropy, additionalInput: $0)
            }
        }
    }

    mutating func generate(_ count: Int, _ additional: [UInt8] = []) throws -> [UInt8] {
        var output = [UInt8](repeating: 0, count: count)
        try output.withUnsafeMutableBytes { output in
            try additional.withUnsafeBytes { try generate(into: output, additionalInput: $0) }
        }
        return output
    }

    /// Key and V.
    var state: [UInt8] { withState { Array($0[..<48]) } }
}

/// A copy of an array that stays in place.
final class Owned {
    let bytes: UnsafeRawBufferPointer

    init(_ array: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: array.count, alignment: 1)
        copy.copyBytes(from: array)
        bytes = UnsafeRawBufferPointer(copy)
    }

    deinit { bytes.deallocate() }
}

/// Numbered seeds, as long as `left` lasts.
struct NumberedSeeds: SeedSupply {
    var given: UInt8 = 0
    var asked = 0
    var left = Int.max

    mutating func fill(into seed: UnsafeMutableRawBufferPointer) -> Bool {
        asked += 1
        guard left > 0 else { return false }
        left -= 1
        given += 1
        for index in seed.indices { seed[index] = given }
        return true
    }

    static func seed(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 48) }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String(format: "%02x", $0) }.joined()
}

func bytes(hex: String) -> [UInt8] {
    let digits = Array(hex.utf8)
    return stride(from: 0, to: digits.count, by: 2).map {
        UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)!
    }
}

/// fork(2), which the Glibc overlay hides; for exit tests only, in whose process nothing else runs.
func fork() -> pid_t {
    typealias Fork = @convention(c) () -> pid_t
    return unsafeBitCast(dlsym(nil, "fork"), to: Fork.self)()
}
