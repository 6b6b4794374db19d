// Tests of pictures in the PNG format (ISO 15948).
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport
import Testing

@Suite("Indexed image")
struct IndexedImageTests {
    @Test("has the chunks of the format, with their checksums and its rows")
    func structure() throws {
        let pixels: [UInt8] = [0, 1, 2, 2, 1, 0]
        let palette = [Colour(0x000000), Colour(0x123456), Colour(0xFFFFFF)]
        let image = try #require(
            IndexedImage(width: 3, height: 2, pixels: pixels, palette: palette)
        )
        let file = image.png()
        #expect(file.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        let chunks = try #require(Self.chunks(of: file))
        #expect(chunks.map(\.name) == ["IHDR", "PLTE", "IDAT", "IEND"])
        #expect(chunks[0].data == [0, 0, 0, 3, 0, 0, 0, 2, 8, 3, 0, 0, 0])
        #expect(chunks[1].data == [0, 0, 0, 0x12, 0x34, 0x56, 0xFF, 0xFF, 0xFF])
        let data = chunks[2].data
        #expect((Int(data[0]) << 8 | Int(data[1])) % 31 == 0)
        let rows: [UInt8] = [0, 0, 1, 2, 0, 2, 1, 0]
        #expect(inflate(Array(data[2..<data.count - 4])) == rows)
        #expect(Self.number(data.suffix(4)) == Checksums.adler32(rows))
    }

    @Test("refuses pixels that are no picture")
    func refusals() {
        let palette = [Colour(0)]
        #expect(IndexedImage(width: 0, height: 0, pixels: [], palette: palette) == nil)
        #expect(IndexedImage(width: 2, height: 1, pixels: [0], palette: palette) == nil)
        #expect(IndexedImage(width: 1, height: 1, pixels: [1], palette: palette) == nil)
    }

    @Test("has a colour for every intensity")
    func levels() {
        let last = UInt8(HeatColours.palette.count - 1)
        #expect(HeatColours.level(0) == 0)
        #expect(HeatColours.level(1) == last)
        #expect(HeatColours.level(.nan) == 0)
        #expect(HeatColours.level(.infinity) == last)
        #expect(HeatColours.level(-3) == 0)
        let luminances = HeatColours.palette.map(\.luminance)
        #expect(zip(luminances, luminances.dropFirst()).allSatisfy { $0 > $1 })
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Nil if a length or a checksum is wrong.
    private static func chunks(of file: [UInt8]) -> [(name: String, data: [UInt8])]? {
        var chunks: [(name: String, data: [UInt8])] = []
        var index = 8
        while index < file.count {
            guard index + 12 <= file.count else { return nil }
            let length = Int(number(file[index..<index + 4]))
            guard index + 12 + length <= file.count else { return nil }
            let content = file[index + 4..<index + 8 + length]
            let check = file[index + 8 + length..<index + 12 + length]
            guard Checksums.crc32(content) == number(check) else { return nil }
            let name = String(decoding: content.prefix(4), as: UTF8.self)
            chunks.append((name, Array(content.dropFirst(4))))
            index += 12 + length
        }
        return chunks
    }
}
