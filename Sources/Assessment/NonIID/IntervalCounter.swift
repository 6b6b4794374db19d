// Enumeration of the places that share a prefix (SP 800-90B, sections 6.3.5 and 6.3.6).
// SPDX-License-Identifier: Apache-2.0

/// Counts tuples from suffixes in sorted order, given how many symbols neighbours share.
///
/// Intervals of suffixes with a common prefix are kept on a stack. When one of c suffixes, depth e
/// and parent depth f closes, c places share their tuples of the lengths f+1...e.
struct IntervalCounter {
    /// Highest count of the tuples of each length that end an interval.
    private(set) var tuples: [UInt32]
    /// Pairs, as differences: those of an interval are added at f + 1 and taken away after e.
    private var pairs: [Int]
    private var open: [Interval] = []

    /// Prepares for tuples of up to `longest` symbols.
    init(longest: Int) {
        tuples = [UInt32](repeating: 0, count: longest + 1)
        pairs = [Int](repeating: 0, count: longest + 2)
    }

    /// Counts `count` sorted suffixes that all share at least `floor` symbols; only tuples that are
    /// longer are counted. `shared` is asked for each rank from 1 on, how many symbols the suffix
    /// shares with its predecessor.
    @inline(__always)
    mutating func add(count: Int, floor: Int, shared: (_ rank: Int) -> Int) {
        tuples.withUnsafeMutableBufferPointer { tuples in
            pairs.withUnsafeMutableBufferPointer { pairs in
                open.removeAll(keepingCapacity: true)
                var top = Interval(depth: floor, first: 0)
                for rank in stride(from: 1, through: count, by: 1) {
                    let depth = rank < count ? shared(rank) : floor
                    var first = rank &- 1
                    while top.depth > depth {
                        let below = open.removeLast()
                        let size = rank &- top.first
                        let added = size &* (size &- 1) / 2
                        tuples[top.depth] = max(
                            tuples[top.depth],
                            UInt32(truncatingIfNeeded: size)
                        )
                        pairs[max(depth, below.depth) &+ 1] &+= added
                        pairs[top.depth &+ 1] &-= added
                        first = top.first
                        top = below
                    }
                    if top.depth < depth {
                        open.append(top)
                        top = Interval(depth: depth, first: first)
                    }
                }
            }
        }
    }

    /// Adds `count` pairs of places that share the tuples of the lengths `shorter`+1...`length`.
    @inline(__always)
    mutating func addPairs(_ count: Int, from shorter: Int, through length: Int) {
        pairs[shorter + 1] += count
        pairs[length + 1] -= count
    }

    /// Notes that a tuple of `length` symbols occurs `count` times.
    mutating func addTuple(_ count: UInt32, length: Int) {
        tuples[length] = max(tuples[length], count)
    }

    /// The counts by length, which `self` then no longer holds.
    consuming func finish(symbolCount: Int) -> RepeatStatistics {
        pairs.removeLast()
        for length in stride(from: pairs.count - 2, through: 1, by: -1) {
            tuples[length] = max(tuples[length], tuples[length + 1])
        }
        for length in stride(from: 1, to: pairs.count, by: 1) { pairs[length] += pairs[length - 1] }
        return RepeatStatistics(symbolCount: symbolCount, tupleCounts: tuples, pairCounts: pairs)
    }
}

/// An interval of sorted suffixes that is still open to the right.
private struct Interval {
    /// Length of the common prefix.
    let depth: Int
    /// Rank of the first suffix.
    let first: Int
}
