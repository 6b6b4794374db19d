// One daemon takes another's sockets over: the conversation on the control socket, from both ends.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc
internal import LinuxSystem

/// The successor asks `hand-over`; the predecessor sends groups of descriptors, each a message with the
/// group's name, then `end`; the successor says `taken`, and the predecessor ends, which closes the
/// connection. Until `taken` the predecessor can go on as if nothing had happened.
enum HandOverChannel {
    /// The predecessor's part: sends everything and waits for the word that it was taken.
    static func send(
        _ parcel: borrowing HandOverParcel,
        over channel: Int32,
        patience: Duration
    ) throws(SystemError) {
        _ = fcntl(channel, F_SETFL, fcntl(channel, F_GETFL) & ~O_NONBLOCK)
        limit(channel, patience)
        for group in parcel.groups {
            for start in stride(from: 0, to: group.descriptors.count, by: mostDescriptors) {
                let end = min(start + mostDescriptors, group.descriptors.count)
                try send(group.name, Array(group.descriptors[start..<end]), over: channel)
            }
        }
        try send(endWord, [], over: channel)
        var word = [UInt8](repeating: 0, count: takenWord.utf8.count)
        guard recv(channel, &word, word.count, Int32(MSG_WAITALL)) == word.count,
            word == Array(takenWord.utf8)
        else { throw SystemError("hear that the sockets were taken", code: ETIMEDOUT) }
    }

    /// The successor's part: asks, and takes what it is given.
    static func receive(over channel: Int32, patience: Duration) throws(SystemError)
        -> [PassedDescriptor]
    {
        limit(channel, patience)
        var passed: [PassedDescriptor] = []
        do throws(SystemError) {
            try send("hand-over\n", [], over: channel)
            while let group = try receiveGroup(channel) { passed += group }
            return passed
        } catch {
            for one in passed { close(one.descriptor) }
            throw error
        }
    }

    /// The successor's last word. Returns when the predecessor is gone.
    static func confirm(over channel: Int32) throws(SystemError) {
        try send(takenWord, [], over: channel)
        // The end of its control socket is the end of the predecessor.
        var byte: UInt8 = 0
        _ = recv(channel, &byte, 1, 0)
    }

    /// Nil at the end.
    private static func receiveGroup(_ channel: Int32) throws(SystemError) -> [PassedDescriptor]? {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        var descriptors = [Int32](repeating: -1, count: mostDescriptors)
        var count = Int32(descriptors.count)
        let received = ws_receive_descriptors(channel, &bytes, bytes.count, &descriptors, &count)
        guard received > 0 else {
            throw SystemError(
                "take the sockets of the running daemon over",
                code: received == 0 ? ECONNRESET : errno,
                hint: "It goes on serving; its log says why."
            )
        }
        let text = String(decoding: bytes[..<received], as: UTF8.self)
        if count == 0 {
            if text == endWord { return nil }
            // The answer to somebody who may not ask.
            throw SystemError("take the sockets over: the daemon says \(text)", code: EPERM)
        }
        let name = String(text.prefix { $0 != "\n" })
        return descriptors[..<Int(count)].map { PassedDescriptor(name: name, descriptor: $0) }
    }

    private static func send(
        _ text: String,
        _ descriptors: [Int32],
        over channel: Int32
    ) throws(SystemError) {
        let line = descriptors.isEmpty ? text : text + "\n"
        let bytes = Array(line.utf8)
        let sent = ws_send_descriptors(
            channel,
            bytes,
            bytes.count,
            descriptors,
            Int32(descriptors.count),
            nil,
            0
        )
        guard sent == bytes.count else { throw SystemError("send the sockets on") }
    }

    private static func limit(_ channel: Int32, _ patience: Duration) {
        var limit = timeval(tv_sec: Int(patience.components.seconds), tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(channel, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    private static let endWord = "end"
    private static let takenWord = "taken"
    /// SCM_MAX_FD of the kernel.
    private static let mostDescriptors = 253
}

/// A running daemon that has shown its sockets and not yet let go of them: when this is given up, or its
/// process dies, that daemon serves on.
final class Predecessor {
    private let channel: Int32
    let passed: [PassedDescriptor]

    /// Asks the daemon behind the control socket at `path`.
    init(at path: String, patience: Duration) throws(SystemError) {
        let channel = try UnixSocket.connect(path: path)
        do throws(SystemError) {
            passed = try HandOverChannel.receive(over: channel, patience: patience)
        } catch {
            close(channel)
            throw error
        }
        self.channel = channel
    }

    deinit { close(channel) }

    /// From here on the sockets are this process's alone.
    func letGo() throws(SystemError) { try HandOverChannel.confirm(over: channel) }
}
