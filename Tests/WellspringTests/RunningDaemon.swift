// A daemon under test: its configuration, its process, its sockets, its log.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Daemon
import EGDService
import Glibc
import LinuxSystem
import Testing

/// `wellspring run` in a folder of its own. Killed and reaped at the latest when this object goes.
final class RunningDaemon {
    let place = Workplace()
    private(set) var process: ChildProcess?

    /// `settings` is YAML that follows the sockets' sections.
    init(_ settings: String = RunningDaemon.jitterAlone) {
        configure(settings)
    }

    static let jitterAlone = "sources:\n  jitter: {}\n"

    /// A daemon whose only source gives nothing: clients of both qualities wait.
    static func withoutEntropy(listeners: String = "") -> RunningDaemon {
        let daemon = RunningDaemon()
        let fifo = daemon.place.file("silence")
        mkfifo(fifo, 0o644)
        daemon.configure(
            "sources:\n  silent: {type: stream, path: \(fifo), claim: 1}\n",
            listeners: listeners
        )
        return daemon
    }

    var configuration: String { place.file("wellspring.yaml") }
    var control: String { place.file("control.sock") }
    var entropy: String { place.file("egd.sock") }
    var generator: String { place.file("drbg.sock") }

    /// Writes the file; `listeners` are further lines of that section.
    func configure(_ settings: String, listeners: String = "") {
        place.write(
            """
            user: nobody
            control: {path: \(control), mode: "0666"}
            listeners:
              egd: {path: \(entropy), mode: "0666"}
              drbg: {path: \(generator), mode: "0666"}
            \(listeners)
            \(settings)
            """,
            to: "wellspring.yaml"
        )
    }

    /// The same sockets with the modes that they have when nobody says otherwise.
    func configureDefaultModes() {
        place.write(
            """
            control: {path: \(control)}
            listeners:
              egd: {path: \(entropy)}
              drbg: {path: \(generator)}
            \(RunningDaemon.jitterAlone)
            """,
            to: "wellspring.yaml"
        )
    }

    /// Starts it. The log goes to a file unless `errors` says otherwise.
    func start(
        _ arguments: [String] = ["--no-feeder"],
        prefix: [String] = [],
        errors: ChildProcess.Stream? = nil,
        descriptors: [Int32] = []
    ) throws {
        process = try place.start(
            ["run", "--config", configuration] + arguments,
            prefix: prefix,
            output: .null,
            errors: errors ?? .file(place.file("log")),
            descriptors: descriptors
        )
    }

    /// Starts another one on the same configuration, which takes the sockets over; returns when the
    /// first is gone and the second answers.
    func replace() throws {
        let first = process
        process = nil
        try start(["--no-feeder", "--take-over"])
        #expect(first?.finish() == 0, "\(log)")
        let id = process?.id
        try waitForStatus { $0.processID == id }
    }

    /// Starts it and waits until it answers.
    func startAndWait(
        _ arguments: [String] = ["--no-feeder"],
        prefix: [String] = [],
        errors: ChildProcess.Stream? = nil,
        descriptors: [Int32] = []
    ) throws {
        try start(arguments, prefix: prefix, errors: errors, descriptors: descriptors)
        try waitForStatus { _ in true }
    }

    /// Asks until the answer is as wished.
    @discardableResult
    func waitForStatus(
        limit: Duration = .seconds(60),
        _ condition: (StatusReport) -> Bool
    ) throws -> StatusReport {
        var last: StatusReport?
        waitUntil(limit: limit) {
            guard process?.isRunning == true else { return true }
            guard let report = try? ControlClient.status(path: control) else { return false }
            last = report
            return condition(report)
        }
        let report = try #require(last, "the daemon does not answer: \(log)")
        try #require(condition(report), "\(report)")
        return report
    }

    func status() throws -> StatusReport { try ControlClient.status(path: control) }

    var log: String { String(decoding: bytesOfFile(place.file("log")), as: UTF8.self) }

    /// Waits until the log has this text.
    func waitForLog(_ text: String) -> Bool { waitUntil { log.contains(text) } }

    /// Sends `signal` and waits for the end.
    func end(_ signal: Int32 = SIGTERM) -> Int32? {
        process?.signal(signal)
        return process?.finish()
    }

    /// Bytes over the EGD protocol; fails the test when they do not come.
    func read(_ count: Int, from path: String) throws -> [UInt8] {
        var client = try EGDClient(path: path)
        return try Self.read(count, from: &client)
    }

    static func read(_ count: Int, from client: inout EGDClient) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = try bytes.withUnsafeMutableBytes {
            try client.read(into: $0, blocking: true, timeout: .seconds(60))
        }
        try #require(got == count)
        return bytes
    }
}

/// A bare connection to a socket.
final class RawClient {
    let descriptor: Int32

    init(_ path: String) throws { descriptor = try UnixSocket.connect(path: path) }

    /// To a numeric address with its port.
    init(tcp text: String) throws {
        let address = try #require(InternetAddress(text: text))
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
        descriptor = socket(address.family, Int32(kind), 0)
        try #require(address.withSocketAddress { connect(descriptor, $0, $1) } == 0)
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// As much as the socket takes at once.
    func tryToSend(_ bytes: [UInt8]) {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// So many bytes; nil when they do not come within `limit`.
    func receive(_ count: Int, limit: Duration = .seconds(60)) -> [UInt8]? {
        var all: [UInt8] = []
        let came = waitUntil(
            limit: limit,
            step: {
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&entry, 1, 100) > 0 else { return }
                var buffer = [UInt8](repeating: 0, count: count - all.count)
                let got = recv(descriptor, &buffer, buffer.count, 0)
                if got > 0 { all += buffer[..<got] }
            },
            { all.count == count }
        )
        return came ? all : nil
    }

    /// All that comes until the other side closes; nil when it has not closed within `limit`.
    func receiveAll(limit: Duration = .seconds(10)) -> String? {
        var all: [UInt8] = []
        var ended = false
        waitUntil(
            limit: limit,
            step: {
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&entry, 1, 100) > 0 else { return }
                var buffer = [UInt8](repeating: 0, count: 65_536)
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count > 0 { all += buffer[..<count] } else { ended = true }
            },
            { ended }
        )
        return ended ? String(decoding: all, as: UTF8.self) : nil
    }
}
