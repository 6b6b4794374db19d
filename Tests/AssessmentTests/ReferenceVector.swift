// Reference results of the non-IID track (SP 800-90B), read from the files beside.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the reference tool printed for one sample file.
struct ReferenceVector: Decodable {
    /// Exit status: 0, 255 for constant data, negative if the tool aborted.
    let exit: Int
    /// The width that the tool was told, or nil if it inferred the width.
    let bitsPerSymbol: Int?
    /// Printed values by name.
    let fields: [String: String]

    init(named name: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Self.file("\(name).json"))
    }

    /// The sample that the result was computed for.
    static func samples(_ name: String) throws -> [UInt8] {
        if let samples = SyntheticData.samples(name) { return samples }
        return [UInt8](try file("\(name).bin"))
    }

    private static func file(_ name: String) throws -> Data {
        let url = Bundle.module.bundleURL.appendingPathComponent("Vectors/\(name)")
        return try Data(contentsOf: url)
    }

    private enum CodingKeys: String, CodingKey {
        case exit
        case bitsPerSymbol = "bits_per_symbol_arg"
        case fields
    }
}
