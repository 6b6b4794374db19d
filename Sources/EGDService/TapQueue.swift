// A tap, the ring of clients that have their turns at it, and all waiting connections by age.
// SPDX-License-Identifier: Apache-2.0

struct TapQueue {
    /// Nil in a row that no listener uses.
    var tap: (any EntropyTap)?

    init(tap: any EntropyTap) { self.tap = tap }

    var ring = ClientQueue()
    /// Waiting connections, whatever their clients wait for, linked by age: -1 at the ends.
    private(set) var eldest: Int32 = -1
    private var youngest: Int32 = -1
    /// Bytes may have come, or a client that has not been tried yet.
    var needsService = false

    /// Takes a connection in as the youngest.
    mutating func addWaiting(_ index: Int32, in connections: borrowing Table<Connection>) {
        let row = connections[Int(index)]
        row.pointee.elder = youngest
        row.pointee.junior = -1
        if youngest >= 0 {
            connections[Int(youngest)].pointee.junior = index
        } else {
            eldest = index
        }
        youngest = index
    }

    mutating func removeWaiting(_ index: Int32, in connections: borrowing Table<Connection>) {
        let row = connections[Int(index)]
        let (elder, junior) = (row.pointee.elder, row.pointee.junior)
        if elder >= 0 { connections[Int(elder)].pointee.junior = junior } else { eldest = junior }
        if junior >= 0 { connections[Int(junior)].pointee.elder = elder } else { youngest = elder }
        row.pointee.elder = -1
        row.pointee.junior = -1
    }
}
