// Broken files and the exact words that people read about them.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import Testing

@Suite("Errors of a configuration file")
struct ConfigurationErrorTests {
    @Test("a broken file is named with position, key and cure", arguments: brokenFiles)
    func brokenFile(_ file: BrokenFile) {
        #expect(complaints(file.text) == "wellspring.yaml:\(file.message)")
    }

    @Test("all errors of a file are shown together, in its order")
    func together() {
        let text = """
            colour: blue
            reservoir:
              size: 64 KB
              low-mark: half
            sources:
              geiger:
                type: stream
            feeder:
              interval: 0s
            """
        #expect(
            complaints(text) == """
                wellspring.yaml:1:1: colour: unknown key: known here: user, group, log, reservoir, \
                credit, drbg, server, sources, listeners, control, feeder
                wellspring.yaml:3:9: reservoir.size: "64 KB" is not a size: write 64KiB, 64kB or a \
                number of bytes
                wellspring.yaml:4:13: reservoir.low-mark: "half" is not a fraction: write 0.5 or 50%
                wellspring.yaml:7:5: sources.geiger.path: missing: a source of type stream needs the \
                path that it reads
                wellspring.yaml:9:13: feeder.interval: "0s" is out of range: 1s...1h
                """
        )
    }

    @Test("bytes that are not UTF-8 are found")
    func notUTF8() {
        #expect(
            complaints(Array("log:\n  level: \u{FFFD}".utf8) + [0xC3, 0x28])
                == "wellspring.yaml:2:11: is not UTF-8 text: save the file as UTF-8"
        )
        #expect(
            complaints([0xFF, 0xFE, 0x6C, 0x00])
                == "wellspring.yaml:1:1: is not UTF-8 text: save the file as UTF-8"
        )
    }

    @Test("a file beyond 128 KiB is refused")
    func tooBig() throws {
        let comment = Array("# too much\n".utf8)
        let bytes = Array(repeatElement(comment, count: 20_000).joined())
        #expect(
            complaints(bytes)
                == "wellspring.yaml: has 220000 bytes: a configuration has at most 131072"
        )
        #expect(complaints([UInt8](repeating: UInt8(ascii: "#"), count: 131_072)) == nil)
    }

    @Test("aliases that multiply are refused before they are expanded")
    func aliasBomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let items = repeatElement("*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        text += "? *a9\n: 1\n"
        #expect(
            complaints(text)
                == "wellspring.yaml:3:45: more than 16 aliases (*name): write the values out"
        )
    }

    @Test("sixteen aliases are expanded in bounded time")
    func aliasLimit() throws {
        // Three to the fifth power times a long list, hashed as a key.
        var text = "a0: &a0 [\(repeatElement("x", count: 2_000).joined(separator: ","))]\n"
        for level in 1...5 {
            text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1)]\n"
        }
        text += "? *a5\n: 1\n"
        let lines = try #require(complaints(text)).split(separator: "\n")
        #expect(lines.count == 7)
        #expect(lines.contains { $0.hasSuffix("a key is expected here, not a list or a mapping") })
    }

    @Test("deep nesting is refused")
    func deepNesting() {
        #expect(
            complaints("log: " + String(repeating: "[", count: 5_000))
                == "wellspring.yaml:1:7: brackets are nested too deeply: "
                + "a configuration needs three levels"
        )
    }
}
