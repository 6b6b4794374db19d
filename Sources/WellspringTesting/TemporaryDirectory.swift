// A directory for one test, removed with all its contents.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Exists as long as this object does.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/wellspring-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            preconditionFailure("cannot make a directory in \(parent): error \(errno)")
        }
        path = template.withUnsafeBufferPointer { text in
            text.baseAddress.map { String(cString: $0) } ?? ""
        }
    }

    deinit { Self.remove(path) }

    /// The path of something in this directory.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and the directories on its way; returns its path.
    @discardableResult
    package func write(_ contents: String, to name: String) -> String {
        var folder = path
        for part in name.split(separator: "/").dropLast() {
            folder += "/\(part)"
            mkdir(folder, 0o700)
        }
        let output = open(file(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        precondition(output >= 0, "cannot write \(file(name)): error \(errno)")
        var bytes = Array(contents.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
            precondition(count > 0, "cannot write \(file(name)): error \(errno)")
            bytes = bytes.dropFirst(count)
        }
        close(output)
        return file(name)
    }

    private static func remove(_ path: String) {
        // Only what unlink calls a directory is entered: a link never is, even if it cannot be
        // removed.
        if unlink(path) == 0 || errno != EISDIR { return }
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != "." && name != ".." { remove("\(path)/\(name)") }
            }
            closedir(directory)
        }
        rmdir(path)
    }
}
