// The built wellspring-feeder under test, with a scripted EGD server and the reader of its report, in one poll loop.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Glibc
import Testing

/// A folder of its own, a feeder, its report, its messages and what its upstream does.
final class FeederProcess {
    enum Upstream {
        /// Every request is answered in full with counting bytes.
        case serving
        /// Connections are accepted and requests read, but nothing is ever answered.
        case silent
        /// Half of what is asked for, then the connection is closed.
        case breaking
        case absent
    }

    let folder: String
    let socketPath: String
    private(set) var process: pid_t = -1
    private(set) var lines: [String] = []
    /// Datagrams to the notification socket, in order.
    private(set) var notifications: [String] = []
    private(set) var reportEnded = false
    private(set) var requestsSeen = 0
    private var reportReader: Int32 = -1
    private var notifySocket: Int32 = -1
    private var listener: Int32 = -1
    private var connections: [Int32] = []
    private var upstream = Upstream.absent
    private var partialLine: [UInt8] = []

    init(upstream: Upstream) {
        var template = Array("/tmp/wellspring-feeder.XXXXXX".utf8CString)
        folder = template.withUnsafeMutableBufferPointer {
            String(cString: mkdtemp($0.baseAddress!))
        }
        // The feeder may run as nobody.
        chmod(folder, 0o755)
        socketPath = folder + "/egd.sock"
        setUpstream(upstream)
    }

    deinit {
        if process > 0 {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        for descriptor in connections + [listener, reportReader, notifySocket]
        where descriptor >= 0 {
            close(descriptor)
        }
        for name in ["egd.sock", "notify.sock", "errors", "trace"] { unlink(folder + "/" + name) }
        rmdir(folder)
    }

    /// Starts `prefix` and the feeder with `arguments` and --report-fd 3. The report is read here;
    /// standard error goes to a file.
    func start(_ arguments: [String], prefix: [String] = [], notify: Bool = false) throws {
        var words = prefix + [try Self.binary(), "--report-fd", "3"] + arguments
        var environment: [String] = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        if notify {
            notifySocket = bound(folder + "/notify.sock", SOCK_DGRAM)
            environment += ["NOTIFY_SOCKET=\(folder)/notify.sock", "WATCHDOG_USEC=400000"]
        }
        var ends: [Int32] = [-1, -1]
        try #require(ws_pipe(&ends) == 0)
        reportReader = ends[0]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions,
            2,
            folder + "/errors",
            O_WRONLY | O_CREAT | O_TRUNC,
            0o644
        )
        posix_spawn_file_actions_adddup2(&actions, ends[1], 3)
        if prefix.first == "strace" {
            words.insert(contentsOf: ["-o", folder + "/trace"], at: 1)
        }
        var argv = words.map { strdup($0) } + [nil]
        var envp = environment.map { strdup($0) } + [nil]
        let result = posix_spawnp(&process, words[0], &actions, nil, &argv, &envp)
        for pointer in argv + envp { free(pointer) }
        close(ends[1])
        try #require(result == 0, "cannot start \(words[0])")
    }

    func setUpstream(_ new: Upstream) {
        upstream = new
        if new == .absent {
            if listener >= 0 { close(listener) }
            listener = -1
            unlink(socketPath)
        } else if listener < 0 {
            listener = bound(socketPath, SOCK_STREAM)
            chmod(socketPath, 0o666)
            listen(listener, 16)
        }
    }

    /// Serves and reads until `condition` holds; false after `limit`.
    @discardableResult
    func pump(limit: Duration = .seconds(20), until condition: () -> Bool) -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + limit
        while !condition() {
            guard clock.now < end else { return false }
            step()
        }
        return true
    }

    func pump(untilLineWith text: String) -> Bool {
        pump { lines.contains { $0.contains(text) } }
    }

    func signal(_ number: Int32) { kill(process, number) }

    /// Hangs up on the report: the feeder is to end.
    func closeReport() {
        close(reportReader)
        reportReader = -1
    }

    /// Waits for the end; the exit status, or 128 + signal. Nil if it does not end in 20 s.
    func exitStatus() -> Int32? {
        var status: Int32 = 0
        guard pump(until: { waitpid(process, &status, Int32(WNOHANG)) == process }) else {
            return nil
        }
        process = -1
        return ws_wait_exited(status) ? ws_wait_exit_code(status) : 128 + ws_wait_signal(status)
    }

    var errors: String { textOfFile(folder + "/errors") }
    var trace: [Substring] { textOfFile(folder + "/trace").split(separator: "\n") }

    /// Children of the feeder: its worker under --keep-alive.
    var children: [pid_t] {
        textOfFile("/proc/\(process)/task/\(process)/children").split(separator: " ")
            .compactMap { pid_t($0) }
    }

    private func step() {
        var descriptors = [reportReader, notifySocket, listener] + connections
        descriptors = descriptors.filter { $0 >= 0 }
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // 10 ms: conditions may also depend on the process's end, which no descriptor here shows.
        _ = poll(&polled, nfds_t(polled.count), 10)
        for entry in polled where entry.revents != 0 {
            switch entry.fd {
            case reportReader: readReport()
            case notifySocket: readNotification()
            case listener:
                let connection = accept(listener, nil, nil)
                if connection >= 0 { connections.append(connection) }
            default: serve(entry.fd)
            }
        }
    }

    private func readReport() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(reportReader, &buffer, buffer.count)
        guard count > 0 else {
            reportEnded = true
            closeReport()
            return
        }
        for byte in buffer[..<count] {
            if byte == UInt8(ascii: "\n") {
                lines.append(String(decoding: partialLine, as: UTF8.self))
                partialLine = []
            } else {
                partialLine.append(byte)
            }
        }
    }

    private func readNotification() {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = recv(notifySocket, &buffer, buffer.count, 0)
        notifications.append(String(decoding: buffer[..<max(0, count)], as: UTF8.self))
    }

    private func serve(_ connection: Int32) {
        var request = [UInt8](repeating: 0, count: 64)
        let count = recv(connection, &request, request.count, 0)
        guard count > 0, request[0] == 2 else {
            drop(connection)
            return
        }
        requestsSeen += 1
        for index in stride(from: 0, to: count - 1, by: 2) {
            var reply = (0..<request[index + 1]).map { $0 }
            if upstream == .breaking { reply.removeLast(reply.count / 2) }
            if upstream != .silent {
                send(connection, reply, reply.count, Int32(MSG_NOSIGNAL))
            }
        }
        if upstream == .breaking { drop(connection) }
    }

    private func drop(_ connection: Int32) {
        close(connection)
        connections.removeAll { $0 == connection }
    }

    private func bound(_ path: String, _ type: __socket_type) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        withUnsafePointer(to: &address) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return descriptor
    }

    /// Beside the test's own executable: the build puts both in one folder.
    static func binary() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        try #require(count > 0)
        let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = own.split(separator: "/").dropLast().joined(separator: "/")
        let path = "/\(folder)/wellspring-feeder"
        try #require(access(path, X_OK) == 0, "\(path) is not built")
        return path
    }
}

func textOfFile(_ path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(file, &buffer, buffer.count)
        guard count > 0 else { return String(decoding: all, as: UTF8.self) }
        all += buffer[..<count]
    }
}

/// What the end-to-end tests need. Without it they are skipped, except in CI, where they fail.
enum Requirements {
    static let isCI = getenv("CI") != nil
    static let canFeed = geteuid() == 0 || isCI
    static let canTrace = canFeed && (access("/usr/bin/strace", X_OK) == 0 || isCI)
}
