// Fuzz target: everything that an Entropy Key says, and every text about one, checked against models.
// SPDX-License-Identifier: Apache-2.0

internal import CFuzzing

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let data, size > 0 else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: data, count: size)
    var input = Input(UnsafeRawBufferPointer(rebasing: bytes[1...]))
    switch bytes[0] % 16 {
    case 0..<8: SessionScene.run(&input, inPieces: bytes[0] & 0x80 != 0)
    case 8: RekeyingScene.run(&input)
    case 9: checkReadings(&input)
    case 10, 11: checkKeyring(&input)
    case 12: checkCard(input.rest)
    case 13: checkSerial(input.rest)
    case 14: checkBase64(input.rest)
    default: checkMigration(input.rest)
    }
    return 0
}

/// The package manager's name for this program's main.
@_cdecl("fuzz_entropy_key_main")
public func start(
    _ count: Int32,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
    var count = count
    var arguments = arguments
    return LLVMFuzzerRunDriver(&count, &arguments) { testOneInput($0, $1) }
}

/// The bytes of an input, one after the other; zeros after its end.
struct Input {
    private var bytes: UnsafeRawBufferPointer.SubSequence

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes[...] }

    var isEmpty: Bool { bytes.isEmpty }
    /// All that is left.
    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes) }

    mutating func byte() -> UInt8 { bytes.popFirst() ?? 0 }
    mutating func word() -> Int { Int(byte()) | Int(byte()) << 8 }

    /// At most `count` bytes.
    mutating func take(_ count: Int) -> [UInt8] {
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }
}
