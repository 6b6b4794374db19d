// The statistics of Fourmilab's ENT 1.2, gathered from a stream.
// SPDX-License-Identifier: Apache-2.0

/// Gathers what ENT tells about bytes and about their bits, in one pass and in constant memory.
///
/// All sums are integers, and exact up to 2^46 bytes. Serial correlation pairs the last byte (bit) with
/// the first.
package struct ENTStatistics: Sendable {
    private var byteCounts = [Int](repeating: 0, count: 256)
    private var first: UInt8 = 0
    private var last: UInt8 = 0
    private var count = 0
    /// Sum of x(i) x(i+1) over neighbouring bytes.
    private var products = 0
    /// Bytes of which the last bit is 1, as is the first bit of the next byte.
    private var bitJoints = 0
    private var points = MonteCarloPoints()

    package init() {}

    /// Takes the next bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        let symbols = base.assumingMemoryBound(to: UInt8.self)
        if count == 0 {
            first = symbols[0]
        } else {
            products &+= Int(last) &* Int(symbols[0])
            bitJoints &+= Int(last & symbols[0] &>> 7)
        }
        last = symbols[bytes.count - 1]
        count &+= bytes.count
        addCounts(symbols, bytes.count)
        points.update(symbols, bytes.count)
        var done = 0
        while done < bytes.count - 1 {
            let pairs = min(pairsPerPart, bytes.count - 1 - done)
            addPairs(symbols + done, pairs)
            done += pairs
        }
    }

    /// What was found in the bytes so far.
    package func finish(_ unit: ENTResult.Unit = .byte) -> ENTResult {
        switch unit {
        case .byte:
            var squares = 0
            for (value, count) in byteCounts.enumerated() { squares += value * value * count }
            return ENTResult(
                unit: .byte,
                counts: byteCounts,
                products: products + Int(first) * Int(last),
                squares: squares,
                points: points
            )
        case .bit:
            var ones = 0
            var pairs = bitJoints + Int(last & first >> 7)
            for (value, count) in byteCounts.enumerated() {
                ones += value.nonzeroBitCount * count
                pairs += (value & value >> 1).nonzeroBitCount * count
            }
            return ENTResult(
                unit: .bit,
                counts: [8 * count - ones, ones],
                products: pairs,
                squares: ones,
                points: points
            )
        }
    }

    private mutating func addCounts(_ symbols: UnsafePointer<UInt8>, _ count: Int) {
        // Four tables: neighbouring bytes are often equal, and an addition to memory that was just
        // written waits for it. 32 bits hold the counts of one part.
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1024) { tables in
            let table = tables.baseAddress!
            var done = 0
            while done < count {
                let part = min(count - done, 1 << 30)
                table.initialize(repeating: 0, count: 1024)
                let source = UnsafeRawPointer(symbols + done)
                for group in 0..<part / 8 {
                    let word = UInt64(
                        littleEndian: source.loadUnaligned(
                            fromByteOffset: group &* 8,
                            as: UInt64.self
                        )
                    )
                    table[Int(truncatingIfNeeded: word & 255)] &+= 1
                    table[256 &+ Int(truncatingIfNeeded: word &>> 8 & 255)] &+= 1
                    table[512 &+ Int(truncatingIfNeeded: word &>> 16 & 255)] &+= 1
                    table[768 &+ Int(truncatingIfNeeded: word &>> 24 & 255)] &+= 1
                    table[Int(truncatingIfNeeded: word &>> 32 & 255)] &+= 1
                    table[256 &+ Int(truncatingIfNeeded: word &>> 40 & 255)] &+= 1
                    table[512 &+ Int(truncatingIfNeeded: word &>> 48 & 255)] &+= 1
                    table[768 &+ Int(truncatingIfNeeded: word &>> 56)] &+= 1
                }
                for index in (part & ~7)..<part { table[Int(symbols[done + index])] &+= 1 }
                for value in 0..<256 {
                    byteCounts[value] +=
                        Int(table[value]) + Int(table[256 + value]) + Int(table[512 + value])
                        + Int(table[768 + value])
                }
                done += part
            }
        }
    }

    /// Adds `count` pairs of neighbours, at most `pairsPerPart`.
    private mutating func addPairs(_ symbols: UnsafePointer<UInt8>, _ count: Int) {
        let source = UnsafeRawPointer(symbols)
        var sums = SIMD8<UInt32>.zero
        var joints: UInt32 = 0
        for group in 0..<count / 8 {
            let here = source.loadUnaligned(fromByteOffset: group &* 8, as: SIMD8<UInt8>.self)
            let next = source.loadUnaligned(fromByteOffset: group &* 8 &+ 1, as: SIMD8<UInt8>.self)
            // 255 * 255 fits in 16 bits.
            let product =
                SIMD8<UInt16>(truncatingIfNeeded: here) &* SIMD8<UInt16>(truncatingIfNeeded: next)
            sums &+= SIMD8<UInt32>(truncatingIfNeeded: product)
        }
        var total = 0
        for lane in 0..<8 { total += Int(sums[lane]) }
        for index in (count & ~7)..<count { total += Int(symbols[index]) * Int(symbols[index + 1]) }
        for index in 0..<count { joints &+= UInt32(symbols[index] & symbols[index &+ 1] &>> 7) }
        products += total
        bitJoints += Int(joints)
    }
}

/// Pairs that 32-bit lanes can add: 2^18 / 8 * 255^2 < 2^31.
private let pairsPerPart = 1 << 18
