// The Monte Carlo experiment for pi of ENT 1.2.
// SPDX-License-Identifier: Apache-2.0

/// Throws points into a square: six bytes are x and y as 24-bit numbers, the most significant byte first.
struct MonteCarloPoints: Sendable {
    /// Points thrown.
    private(set) var thrown = 0
    /// Points with x^2 + y^2 <= (2^24 - 1)^2.
    private(set) var inside = 0
    /// Bytes of the next point, the first of them highest.
    private var partial: UInt64 = 0
    private var partialCount = 0

    mutating func update(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        var next = 0
        while partialCount > 0, next < count {
            partial = partial &<< 8 | UInt64(bytes[next])
            next += 1
            partialCount += 1
            if partialCount == pointBytes {
                thrown += 1
                inside += Self.isInside(partial)
                (partial, partialCount) = (0, 0)
            }
        }
        // Eight bytes are loaded for six; the last point of all is made byte by byte.
        let source = UnsafeRawPointer(bytes)
        var found = 0
        let start = next
        while next &+ 8 <= count {
            let word = source.loadUnaligned(fromByteOffset: next, as: UInt64.self)
            found &+= Self.isInside(UInt64(bigEndian: word) &>> 16)
            next &+= pointBytes
        }
        thrown += (next - start) / pointBytes
        inside += found
        while next < count {
            partial = partial &<< 8 | UInt64(bytes[next])
            next += 1
            partialCount += 1
            if partialCount == pointBytes {
                thrown += 1
                inside += Self.isInside(partial)
                (partial, partialCount) = (0, 0)
            }
        }
    }

    /// 1 if the 48 bits are a point in the quarter circle.
    @inline(__always)
    private static func isInside(_ point: UInt64) -> Int {
        let x = point &>> 24
        let y = point & 0xFF_FFFF
        return x &* x &+ y &* y <= squaredRadius ? 1 : 0
    }
}

private let pointBytes = 6
private let squaredRadius: UInt64 = 0xFF_FFFF * 0xFF_FFFF
