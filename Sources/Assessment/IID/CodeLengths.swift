// Huffman code lengths as bzip2 makes them, limited to 17 bits.
// SPDX-License-Identifier: Apache-2.0

/// Makes code lengths for up to 16 symbols. Where weights tie, the order of the heap decides, so that
/// it must be the encoder's: a node sinks below a child of equal weight, but does not rise above a
/// parent of equal weight. Weights carry the depth of their tree in the low 8 bits, so that flat
/// trees are merged first.
struct CodeLengths {
    private var weights = [UInt32](repeating: 0, count: 2 * 16)
    private var parents = [Int](repeating: 0, count: 2 * 16)
    private var heap = [Int](repeating: 0, count: 16 + 2)
    private var heapCount = 0

    /// Writes the code length of each symbol 0..<count, 1...17. A frequency of 0 counts as 1.
    mutating func make(
        _ frequencies: SIMD16<UInt32>,
        _ count: Int,
        into lengths: UnsafeMutablePointer<Int16>
    ) {
        for symbol in 0..<count { weights[symbol + 1] = max(1, frequencies[symbol]) << 8 }
        while !build(count, into: lengths) {
            for symbol in 1...count { weights[symbol] = ((weights[symbol] >> 8) / 2 + 1) << 8 }
        }
    }

    /// Merges the lightest trees until one is left. Returns false if a code is too long.
    private mutating func build(_ count: Int, into lengths: UnsafeMutablePointer<Int16>) -> Bool {
        heapCount = 0
        for node in 1...count {
            parents[node] = 0
            push(node)
        }
        var node = count
        while heapCount > 1 {
            let (light, heavy) = (pop(), pop())
            node += 1
            parents[light] = node
            parents[heavy] = node
            parents[node] = 0
            let (left, right) = (weights[light], weights[heavy])
            weights[node] = (left & ~0xFF) &+ (right & ~0xFF) | (max(left & 0xFF, right & 0xFF) + 1)
            push(node)
        }
        var fits = true
        for symbol in 0..<count {
            var length: Int16 = 0
            var node = parents[symbol + 1]
            while node != 0 {
                length += 1
                node = parents[node]
            }
            lengths[symbol] = length
            if length > Self.limit { fits = false }
        }
        return fits
    }

    private mutating func push(_ node: Int) {
        heapCount += 1
        var slot = heapCount
        while slot > 1 && weights[node] < weights[heap[slot / 2]] {
            heap[slot] = heap[slot / 2]
            slot /= 2
        }
        heap[slot] = node
    }

    private mutating func pop() -> Int {
        let lightest = heap[1]
        let node = heap[heapCount]
        heapCount -= 1
        var slot = 1
        while 2 * slot <= heapCount {
            var child = 2 * slot
            if child < heapCount && weights[heap[child + 1]] < weights[heap[child]] { child += 1 }
            if weights[node] < weights[heap[child]] { break }
            heap[slot] = heap[child]
            slot = child
        }
        heap[slot] = node
        return lightest
    }

    /// Longest code in bits; the format would allow 20.
    private static let limit: Int16 = 17
}
