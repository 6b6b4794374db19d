// The loop's end: at once, or with its connections given up for another process.
// SPDX-License-Identifier: Apache-2.0

internal import EGDProtocol
internal import LinuxSystem

extension EventLoop {
    /// Whether the loop is through. When it is to give its connections up, it first sends the replies
    /// that are under way, and reads nothing more.
    var hasEnded: Bool {
        mutating get {
            // Nobody ends the loop without a letter.
            guard hasLetters || leavingBy != nil else { return false }
            hasLetters = false
            switch shared.endWanted {
            case nil: return false
            case .stop: return true
            case .handOver(let time):
                if leavingBy == nil { leave(by: time) }
                let isSending = (0..<connections.count).contains {
                    connections[$0].pointee.descriptor >= 0
                        && connections[$0].pointee.unsentCount > 0
                }
                guard !isSending || SystemClock.awakeNanoseconds >= time else { return false }
                giveUp()
                return true
            }
        }
    }

    private mutating func leave(by time: Int) {
        leavingBy = time
        for listener in 0..<listeners.count { setAccepting(listener, false) }
        for index in 0..<connections.count where connections[index].pointee.descriptor >= 0 {
            updateInterest(index)
        }
    }

    private mutating func giveUp() {
        var handed: [EGDHandedConnection] = []
        for index in 0..<connections.count where connections[index].pointee.descriptor >= 0 {
            let row = connections[index]
            guard row.pointee.unsentCount == 0 else {
                closeConnection(index)
                continue
            }
            let state = EGDConnectionState(
                parser: row.pointee.parser,
                requests: row.pointee.pending.all,
                node: readers[Int32(index)]
            )
            handed.append(
                EGDHandedConnection(
                    descriptor: row.pointee.descriptor,
                    listener: listeners[Int(row.pointee.listener)].pointee.configuration.name,
                    state: state
                )
            )
            closeConnection(index, goesOn: true)
        }
        shared.put(handed: handed)
    }
}
