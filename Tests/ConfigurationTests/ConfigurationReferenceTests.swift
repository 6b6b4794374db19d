// The document of all keys is the program's own.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import Glibc
import Testing

@Suite("Configuration reference")
struct ConfigurationReferenceTests {
    /// `WELLSPRING_WRITE_REFERENCE=1 swift test --filter ConfigurationReferenceTests` rewrites it.
    @Test("docs/configuration.md is what the program says")
    func document() throws {
        let reference = Configuration.reference()
        if getenv("WELLSPRING_WRITE_REFERENCE") != nil {
            try write(Array(reference.utf8), to: "\(repositoryRoot)/docs/configuration.md")
        }
        let committed = try repositoryFile("docs/configuration.md")
        #expect(String(decoding: committed, as: UTF8.self) == reference)
    }

    @Test("a key is documented with type, unit, default and range")
    func form() {
        let lines = Configuration.reference().split(separator: "\n")
        #expect(
            lines.contains(
                "- `reservoir.low-mark` (fraction, unit: of 1, default: 0.25, range: 0.0...1.0): "
                    + "level of the reservoir below which the sources run (needs a restart)"
            )
        )
        // 17 of the single sections, 18 of a listener, 4 of every source, 16 of single types.
        #expect(lines.count { $0.hasPrefix("- `") } == 55)
    }

    @Test("every key of the full example is documented")
    func complete() throws {
        let reference = Configuration.reference()
        var sections: [(indentation: Int, name: String)] = []
        for line in try fullExample().split(separator: "\n") {
            let text = line.drop { $0 == " " }
            guard !text.hasPrefix("#"), let colon = text.firstIndex(of: ":") else { continue }
            let indentation = line.count - text.count
            sections.removeAll { $0.indentation >= indentation }
            sections.append((indentation, String(text[..<colon])))
            var names = sections.map(\.name)
            let isNamed = names[0] == "sources" || names[0] == "listeners"
            guard names.count > (isNamed ? 2 : 1) || ["user", "group"].contains(names[0]) else {
                continue
            }
            if isNamed { names[1] = "NAME" }
            let key = names.joined(separator: ".")
            #expect(reference.contains("- `\(key)` ("), "\(key)")
        }
    }
}
