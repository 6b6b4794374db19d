// One client of a listener, as a row of the loop's table.
// SPDX-License-Identifier: Apache-2.0

/// Its waiting connections form a queue of their own; the client as a whole waits in one place.
struct Client {
    enum Place: UInt8 {
        /// No connection of it waits, or it is just being served.
        case none
        /// In its tap's ring: served as soon as there are bytes and it is its turn.
        case ring
        /// The listener's total rate is used up: in the listener's queue.
        case parked
        /// Its own rate is used up: a timer brings it back.
        case timed
    }

    let identity: ClientIdentity
    let listener: Int32
    let counters: ClientCounters
    /// Its writes may count.
    var isTrusted: Bool
    var connections = 0
    /// Slots that its connections hold.
    var slots = 0
    var place = Place.none
    /// Connections that wait, by age; -1 for none.
    var oldest: Int32 = -1
    var youngest: Int32 = -1
    /// Neighbours in the ring, in the listener's queue or among those that left; the next free row.
    var before: Int32 = -1
    var after: Int32 = -1
    var bucket = TokenBucket()
    /// Tells a timer that still holds from one that was overtaken.
    var timer: UInt32 = 0
    var hasLeft = false
}

/// Clients in a row, linked through their rows, so that any can leave at once.
struct ClientQueue {
    private(set) var first: Int32 = -1
    private var last: Int32 = -1
    private(set) var count = 0

    var isEmpty: Bool { first < 0 }

    mutating func append(_ index: Int32, in clients: borrowing Table<Client>) {
        let row = clients[Int(index)]
        row.pointee.before = last
        row.pointee.after = -1
        if last >= 0 { clients[Int(last)].pointee.after = index } else { first = index }
        last = index
        count += 1
    }

    mutating func prepend(_ index: Int32, in clients: borrowing Table<Client>) {
        let row = clients[Int(index)]
        row.pointee.before = -1
        row.pointee.after = first
        if first >= 0 { clients[Int(first)].pointee.before = index } else { last = index }
        first = index
        count += 1
    }

    mutating func remove(_ index: Int32, in clients: borrowing Table<Client>) {
        let row = clients[Int(index)]
        let (before, after) = (row.pointee.before, row.pointee.after)
        if before >= 0 { clients[Int(before)].pointee.after = after } else { first = after }
        if after >= 0 { clients[Int(after)].pointee.before = before } else { last = before }
        row.pointee.before = -1
        row.pointee.after = -1
        count -= 1
    }
}
