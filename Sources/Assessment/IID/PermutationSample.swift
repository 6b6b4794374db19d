// A sample as the permutation test sees it, and its statistics (SP 800-90B, section 5.1).
// SPDX-License-Identifier: Apache-2.0

/// What is common to all permutations of a sample, and its memory for the statistics of one of them.
///
/// A sample of two values is a sequence of bits. Conversion I (number of ones in each 8 bits) and
/// conversion II (8 bits as a byte, the first one highest) take what is left at the end as it is, in
/// conversion II filled up with zeros.
final class PermutationSample {
    /// The symbols in the order to be assessed: original values, or 0 and 1 if there are only two.
    let symbols: UnsafeMutablePointer<UInt8>
    let count: Int
    private let memory: ScratchMemory<UInt8>
    private let counts: ScratchMemory<UInt8>
    private let bytes: ScratchMemory<UInt8>
    private let values: [UInt8]
    private let isBinary: Bool
    private let threshold: UInt8
    private let text: DecimalTextLength?

    /// - Parameter compresses: whether lengths of compressed permutations will be asked for.
    init(_ sample: PreparedSample, compresses: Bool) {
        count = sample.symbols.count
        isBinary = sample.alphabetSize == 2
        values = sample.values
        memory = ScratchMemory(count: count, use: .dense)
        symbols = memory.base
        for (place, symbol) in sample.symbols.enumerated() {
            symbols[place] = isBinary ? symbol : sample.values[Int(symbol)]
        }
        let octets = isBinary ? (count + 7) / 8 : 0
        counts = ScratchMemory(count: octets)
        bytes = ScratchMemory(count: octets)
        // A symbol is at or above the mean of the two middle ones where it is at or above the upper
        // one, as long as they differ; of bits, the ones are above.
        threshold = isBinary ? 1 : Self.upperMedian(symbols, count)
        text =
            compresses
            ? DecimalTextLength(
                UnsafeBufferPointer(start: symbols, count: count),
                alphabet: DecimalAlphabet(values: values, renumbered: isBinary)
            ) : nil
    }

    deinit {
        memory.deallocate()
        counts.deallocate()
        bytes.deallocate()
    }

    /// The statistics in `set` of the symbols as they are now; the others are left at 0.
    func statistics(_ set: PermutationStatisticSet) -> PermutationStatistics {
        var result = PermutationStatistics()
        let plain = SequenceStatistics(base: symbols, count: count)
        var ordered = plain
        var distinct = plain
        if isBinary {
            convert()
            ordered = SequenceStatistics(base: counts.base, count: (count + 7) / 8)
            distinct = SequenceStatistics(base: bytes.base, count: (count + 7) / 8)
        }
        if set.contains(.excursion) {
            // Of two values, all distances are multiples of the difference of the values.
            let unit = isBinary ? Double(values[1] - values[0]) : 1
            result.excursion = unit * plain.excursion()
        }
        if !set.isDisjoint(with: .directional) {
            let runs = ordered.directionalRuns()
            result.numDirectionalRuns = runs.count
            result.lenDirectionalRuns = runs.longest
            result.numIncreasesDecreases = max(runs.ones, ordered.count - 1 - runs.ones)
        }
        if !set.isDisjoint(with: .median) {
            let runs = plain.thresholdRuns(threshold)
            result.numRunsMedian = runs.count
            result.lenRunsMedian = runs.longest
        }
        if !set.isDisjoint(with: .collision) {
            (result.avgCollision, result.maxCollision) = distinct.collisions()
        }
        for (place, lag) in PermutationStatistic.lags.enumerated() {
            if set.rawValue >> UInt32(PermutationStatistic.periodicity1.rawValue + place) & 1 != 0 {
                result.periodicity[place] = ordered.periodicity(lag)
            }
            if set.rawValue >> UInt32(PermutationStatistic.covariance1.rawValue + place) & 1 != 0 {
                result.covariance[place] = ordered.covariance(lag)
            }
        }
        if set.contains(.compression), let text {
            result.compression = text.length(UnsafeBufferPointer(start: symbols, count: count))
        }
        return result
    }

    /// The original values of the symbols as they are now.
    func originalValues() -> [UInt8] {
        (0..<count).map { isBinary ? values[Int(symbols[$0])] : symbols[$0] }
    }

    /// Makes conversions I and II.
    private func convert() {
        for octet in 0..<count / 8 {
            let bits = UnsafeRawPointer(symbols + 8 &* octet).loadUnaligned(as: UInt64.self)
            // Gathers the lowest bits of 8 bytes, the first byte's highest.
            let byte = UInt8(
                truncatingIfNeeded: (bits.littleEndian &* 0x8040_2010_0804_0201) &>> 56
            )
            bytes[octet] = byte
            counts[octet] = UInt8(truncatingIfNeeded: byte.nonzeroBitCount)
        }
        guard count % 8 != 0 else { return }
        var byte: UInt8 = 0
        for place in count / 8 * 8..<count { byte |= symbols[place] << UInt8(7 - place % 8) }
        bytes[count / 8] = byte
        counts[count / 8] = UInt8(byte.nonzeroBitCount)
    }

    /// The value at place count / 2 in increasing order.
    private static func upperMedian(_ symbols: UnsafePointer<UInt8>, _ count: Int) -> UInt8 {
        var histogram = [Int](repeating: 0, count: 256)
        for place in 0..<count { histogram[Int(symbols[place])] += 1 }
        var below = 0
        for value in 0..<256 {
            below += histogram[value]
            if below > count / 2 { return UInt8(value) }
        }
        return 255
    }
}
