// The built wellspring under test: one command run to its end, in a folder of its own.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing
import WellspringTesting

/// All tests that start programs, one after the other: they measure times, and share the processor.
@Suite(.serialized) struct EndToEnd {}

/// A folder for files and sockets, and the commands that are run in it. Every path that the program
/// would choose by itself lies in it.
struct Workplace {
    let folder = TemporaryDirectory()

    init() {
        // Root's daemon becomes nobody, who must find, make and remove sockets here.
        chmod(folder.path, 0o755)
        if isRoot { chown(folder.path, nobody, nobody) }
    }

    var environment: [String] {
        [
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=\(folder.path)",
            "RUNTIME_DIRECTORY=\(folder.path)", "STATE_DIRECTORY=\(folder.path)",
            "SWIFT_BACKTRACE=enable=no",
        ]
    }

    var path: String { folder.path }

    func file(_ name: String) -> String { folder.file(name) }

    /// Writes a text; returns its path.
    @discardableResult
    func write(_ text: String, to name: String) -> String {
        writeFile(file(name), Array(text.utf8))
        return file(name)
    }

    /// Names in the folder.
    var contents: [String] { namesIn(folder.path) }

    /// Starts wellspring with `arguments`, behind the words of `prefix`.
    func start(
        _ arguments: [String],
        prefix: [String] = [],
        input: ChildProcess.Stream = .null,
        output: ChildProcess.Stream = .pipe,
        errors: ChildProcess.Stream = .pipe,
        descriptors: [Int32] = []
    ) throws -> ChildProcess {
        try ChildProcess(
            prefix + [try program("wellspring")] + arguments,
            environment: environment,
            input: input,
            output: output,
            errors: errors,
            descriptors: descriptors
        )
    }

    /// Runs it to its end.
    func run(
        _ arguments: [String],
        prefix: [String] = [],
        output: ChildProcess.Stream = .pipe,
        limit: Duration = .seconds(30)
    ) throws -> Outcome {
        let process = try start(arguments, prefix: prefix, output: output)
        let status = process.finish(limit: limit)
        return Outcome(
            status: status,
            bytes: process.output,
            errors: String(decoding: process.errors, as: UTF8.self)
        )
    }
}

/// What a command left.
struct Outcome {
    /// Exit status, or 128 + signal; nil when it did not end in time.
    var status: Int32?
    var bytes: [UInt8]
    var errors: String
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Beside the test's own executable: the build puts all in one folder.
func program(_ name: String) throws -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    try #require(count > 0)
    let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = own.split(separator: "/").dropLast().joined(separator: "/")
    let path = "/\(folder)/\(name)"
    try #require(access(path, X_OK) == 0, "\(path) is not built")
    return path
}

func namesIn(_ folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
}

let isRoot = geteuid() == 0
/// What the tests that feed or change users need. Without it they are skipped, except in CI.
let mayBeRoot = isRoot || getenv("CI") != nil
/// Debian's nobody.
let nobody: UInt32 = getpwnam("nobody").map { $0.pointee.pw_uid } ?? 65_534
