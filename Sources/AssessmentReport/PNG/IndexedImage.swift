// A picture of palette indices in the PNG format (ISO 15948).
// SPDX-License-Identifier: Apache-2.0

/// One byte per pixel, row by row from the top.
package struct IndexedImage {
    package let width: Int
    package let height: Int
    package let pixels: [UInt8]
    /// At most 256 colours.
    package let palette: [Colour]

    /// Nil if there are no pixels, their number is not width x height, or one has no colour.
    package init?(width: Int, height: Int, pixels: [UInt8], palette: [Colour]) {
        guard width > 0, height > 0, pixels.count == width * height, palette.count <= 256,
            Int(pixels.max() ?? 0) < palette.count
        else { return nil }
        self.width = width
        self.height = height
        self.pixels = pixels
        self.palette = palette
    }

    /// The file: signature, header, palette, data and end.
    package func png() -> [UInt8] {
        let header =
            Self.bigEndian(UInt32(width)) + Self.bigEndian(UInt32(height))
            + [8, 3, 0, 0, 0]  // 8 bits, indexed, deflate, no filter choice, not interlaced
        return Self.signature + Self.chunk("IHDR", header)
            + Self.chunk("PLTE", palette.flatMap { [$0.red, $0.green, $0.blue] })
            + Self.chunk("IDAT", data()) + Self.chunk("IEND", [])
    }

    /// The rows, each after its filter type 0 (none), as a zlib stream.
    private func data() -> [UInt8] {
        var rows: [UInt8] = []
        rows.reserveCapacity((width + 1) * height)
        for row in 0..<height {
            rows.append(0)
            rows += pixels[row * width..<(row + 1) * width]
        }
        // 0x78: deflate with a window of 32 KiB; 0x01 makes the header a multiple of 31 (RFC 1950).
        return [0x78, 0x01] + Deflate.compress(rows, distances: [1, width + 1])
            + Self.bigEndian(Checksums.adler32(rows))
    }

    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let content = Array(name.utf8) + data
        return bigEndian(UInt32(data.count)) + content + bigEndian(Checksums.crc32(content))
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
}
