// A tap and the clients that wait for its bytes, by age.
// SPDX-License-Identifier: Apache-2.0

/// Linked through the rows of the connection table, so that any client can leave at once.
struct WaitingList {
    /// Nil in a row that no listener uses.
    var tap: (any EntropyTap)?
    var oldest: Int32 = -1
    var youngest: Int32 = -1
    /// Bytes may have come, or a client that has not been tried yet.
    var needsService = false

    var isEmpty: Bool { oldest < 0 }

    mutating func append(_ index: Int32, in connections: borrowing Table<Connection>) {
        let row = connections[Int(index)]
        row.pointee.older = youngest
        row.pointee.younger = -1
        if youngest >= 0 {
            connections[Int(youngest)].pointee.younger = index
        } else {
            oldest = index
        }
        youngest = index
    }

    mutating func prepend(_ index: Int32, in connections: borrowing Table<Connection>) {
        let row = connections[Int(index)]
        row.pointee.older = -1
        row.pointee.younger = oldest
        if oldest >= 0 {
            connections[Int(oldest)].pointee.older = index
        } else {
            youngest = index
        }
        oldest = index
    }

    mutating func remove(_ index: Int32, in connections: borrowing Table<Connection>) {
        let row = connections[Int(index)]
        let (older, younger) = (row.pointee.older, row.pointee.younger)
        if older >= 0 {
            connections[Int(older)].pointee.younger = younger
        } else {
            oldest = younger
        }
        if younger >= 0 {
            connections[Int(younger)].pointee.older = older
        } else {
            youngest = older
        }
        row.pointee.older = -1
        row.pointee.younger = -1
    }
}
