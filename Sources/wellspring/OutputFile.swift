// A file that appears under its name only when it is whole.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import LinuxSystem

/// Writes to a new file beside `path` and moves it there on ``commit()``. What holds samples is readable by
/// its owner alone.
/// Without commit nothing is left behind. `-` is standard output, `/dev/...` is written in place.
struct OutputFile: ~Copyable {
    private let path: String
    private let partial: String?
    private var descriptor: Int32

    init(path: String, mode: mode_t = 0o600) throws(SystemError) {
        self.path = path
        var facts = stat()
        let special = stat(path, &facts) == 0 && facts.st_mode & S_IFMT != S_IFREG
        if path == "-" {
            partial = nil
            descriptor = 1
        } else if special {
            partial = nil
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
        } else {
            let name = "\(path).part-\(getpid())"
            partial = name
            descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        }
        guard descriptor >= 0 else { throw SystemError("create \(path)") }
    }

    deinit {
        if descriptor > 2 { close(descriptor) }
        if let partial { unlink(partial) }
    }

    /// Writes all of `bytes`; a full disk is an error that names the file.
    borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                throw SystemError(
                    "write \(path == "-" ? "to standard output" : path)",
                    hint: errno == ENOSPC ? "Nothing was left behind; free some space." : nil
                )
            }
            done += count
        }
    }

    /// Whether a file appears under the name; devices, pipes and standard output are written in place.
    var isRegular: Bool { partial != nil }

    /// Makes the file durable and gives it its name.
    consuming func commit() throws(SystemError) {
        guard let partial else { return }
        guard fsync(descriptor) == 0 else { throw SystemError("write \(path) to the disk") }
        guard rename(partial, path) == 0 else { throw SystemError("name \(path)") }
    }
}
