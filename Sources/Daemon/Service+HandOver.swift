// Sockets that outlive the process: given to another daemon, or left with the service manager.
// SPDX-License-Identifier: Apache-2.0

internal import EGDService
internal import Glibc
internal import LinuxSystem
internal import Logging

extension Service {
    /// A second thread for clients pays only where clients, sources and it do not share processors.
    static var defaultThreads: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) >= 4 ? 2 : 1 }

    /// Gives all sockets to the daemon at the other end. False, and serving goes on, if it did not take
    /// them.
    func handOver(to successor: Int32) -> Bool {
        var sockets = server.handOver(patience: replyPatience)
        do throws(any Error) {
            try HandOverChannel.send(
                try HandOverParcel(sockets),
                over: successor,
                patience: Self.successorPatience
            )
        } catch let error {
            close(successor)
            logger.error(
                "another daemon did not take the sockets",
                metadata: ["reason": "\(error)"]
            )
            resume(sockets)
            return false
        }
        logger.notice(
            "another daemon goes on",
            metadata: ["connections": "\(sockets.connections.count)"]
        )
        server.leaveSockets()
        sockets.listeners = []
        sockets.closeAll()
        hasHandedOver = true
        // Left open: the end of this process, which closes it, is what the successor waits for.
        return true
    }

    private func resume(_ sockets: EGDHandOver) {
        do throws(EGDError) {
            try server.start(adopting: sockets.connections)
        } catch {
            logger.critical("serving does not go on: \(error)")
        }
    }

    /// On a restart the manager passes them to the next process; when the service is to stop it closes
    /// them, and the clients see their end then.
    func leaveSocketsWithManager() {
        var sockets = server.handOver(patience: replyPatience)
        do throws(SystemError) {
            let parcel = try HandOverParcel(sockets)
            for group in parcel.groups { manager.store(group.name, group.descriptors) }
            server.leaveSockets()
        } catch {
            logger.error("the sockets cannot be kept", metadata: ["reason": "\(error)"])
        }
        sockets.listeners = []
        sockets.closeAll()
    }

    /// How long the other side of a change of hands may be silent: clients' replies and the end of a feeder.
    static let successorPatience = Duration.seconds(10)
}

/// How long clients get to take replies that are being sent when the sockets change hands.
private let replyPatience = Duration.seconds(1)
