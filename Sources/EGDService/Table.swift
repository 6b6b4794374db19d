// A growing table of values that stay where they are while nothing is appended.
// SPDX-License-Identifier: Apache-2.0

/// Rows by index, reached through pointers: no reference counts, no exclusivity checks, and rows may
/// be noncopyable. Rows are never removed; their users mark and reuse them.
struct Table<Row: ~Copyable>: ~Copyable {
    private(set) var count = 0
    private var capacity: Int
    private var base: UnsafeMutablePointer<Row>

    init(capacity: Int) {
        self.capacity = capacity
        base = .allocate(capacity: capacity)
    }

    deinit {
        base.deinitialize(count: count)
        base.deallocate()
    }

    /// The row at `index`. The pointer is valid until the next ``append(_:)``.
    subscript(index: Int) -> UnsafeMutablePointer<Row> { base + index }

    /// Adds a row and returns its index.
    mutating func append(_ row: consuming Row) -> Int {
        if count == capacity {
            let larger = UnsafeMutablePointer<Row>.allocate(capacity: capacity * 2)
            larger.moveInitialize(from: base, count: count)
            base.deallocate()
            base = larger
            capacity *= 2
        }
        (base + count).initialize(to: row)
        count += 1
        return count - 1
    }
}
