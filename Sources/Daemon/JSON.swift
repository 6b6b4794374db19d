// Facts as JSON text.
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

enum JSON {
    /// One line. What is encoded here holds strings and finite numbers, which always succeed.
    static func encode(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return #"{"error":"not encodable"}"# }
        return String(decoding: data, as: UTF8.self)
    }
}
