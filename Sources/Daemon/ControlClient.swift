// Asking a running daemon over its control socket.
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import Glibc
internal import LinuxSystem

package struct ControlError: Error, CustomStringConvertible {
    package let description: String
    /// No daemon answers, as opposed to one that refuses.
    package let nobodyThere: Bool
}

package enum ControlClient {
    /// The daemon's facts. Errors: nobody listens, the answer did not come within 5 s, or refused.
    package static func status(path: String) throws -> StatusReport {
        let answer = try ask("status", path: path)
        return try JSONDecoder().decode(StatusReport.self, from: answer)
    }

    /// Asks for a change of state; returns the daemon's words for what it did.
    package static func change(_ request: String, path: String) throws -> String {
        let answer = try ask(request, path: path)
        return try JSONDecoder().decode([String: String].self, from: answer)["done"] ?? "done"
    }

    /// The user and the group that the daemon works as; nil where none answers. The socket does not tell:
    /// it is that of whoever made it, which may be root or the service manager.
    package static func identity(path: String) -> (user: UInt32, group: UInt32)? {
        guard let process = try? status(path: path).processID,
            let facts = SystemTree().contents("/proc/\(process)/status")
        else { return nil }
        // Real, effective, saved, file system (proc_pid_status(5)).
        func effective(_ name: String) -> UInt32? {
            let line = facts.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            let fields = line?.split { $0 == "\t" || $0 == " " } ?? []
            return fields.count > 2 ? UInt32(fields[2]) : nil
        }
        guard let user = effective("Uid"), let group = effective("Gid") else { return nil }
        return (user, group)
    }

    /// Sends one request line, returns the whole answer.
    private static func ask(_ request: String, path: String) throws -> Data {
        let descriptor = try connectUnix(path: path)
        defer { close(descriptor) }
        var line = request + "\n"
        line.withUTF8 { _ = send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        var answer = Data()
        var chunk = [UInt8](repeating: 0, count: 16_384)
        let deadline = SystemClock.now + .seconds(5)
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = deadline - SystemClock.now
            guard left > .zero, poll(&entry, 1, left.pollMilliseconds) > 0 else {
                throw ControlError(
                    description: "the daemon behind \(path) did not answer within 5 s.",
                    nobodyThere: false
                )
            }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            answer.append(contentsOf: chunk[0..<count])
        }
        if let refusal = try? JSONDecoder().decode([String: String].self, from: answer)["error"] {
            throw ControlError(description: refusal, nobodyThere: false)
        }
        return answer
    }

    private static func connectUnix(path: String) throws -> Int32 {
        do {
            return try UnixSocket.connect(path: path)
        } catch {
            throw ControlError(
                description:
                    "no daemon answers on \(path) (\(error.reason)). Start one with: wellspring run",
                nobodyThere: true
            )
        }
    }
}
