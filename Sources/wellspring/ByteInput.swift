// Bytes of a file, a FIFO or standard input, chunk by chunk, in bounded memory.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Crypto
internal import Daemon
internal import Glibc
internal import LinuxSystem

/// An open input. ^C ends a wait for a pipe in order, where ``Interruption/watch()`` was called before.
struct ByteInput: ~Copyable {
    private let path: String
    private let descriptor: Int32
    /// Bytes of a regular file when it was opened; nil for what has no size.
    let size: Int?

    /// Opens `path`; `-` is standard input. A directory is an error.
    init(path: String) throws {
        self.path = path
        // A FIFO without a writer is waited for in poll, where ^C is seen.
        descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemError("open \(path)") }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else {
            let error = SystemError("look at \(path)")
            close(descriptor)
            throw error
        }
        guard facts.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw InputError("\(path) is a directory. Name a file.")
        }
        let isRegular = facts.st_mode & S_IFMT == S_IFREG && path != "-"
        size = isRegular ? facts.st_size : nil
    }

    deinit { close(descriptor) }

    /// Hands over all bytes in order; the chunk may be written to. Ends where the input ends; a regular
    /// file that has become shorter than it was is an error.
    consuming func readAll(
        limit: Int? = nil,
        _ body: (_ chunk: UnsafeMutableRawBufferPointer) throws -> Void
    ) throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: chunkByteCount,
            alignment: 64
        )
        defer { memory.deallocate() }
        var done = 0
        while done < limit ?? .max {
            let wanted = min(memory.count, (limit ?? .max) - done)
            let count = Glibc.read(descriptor, memory.baseAddress!, wanted)
            if count < 0, errno == EAGAIN || errno == EINTR {
                try wait()
                continue
            }
            guard count >= 0 else { throw SystemError("read \(SampleInput.label(path))") }
            // A FIFO that nobody has opened for writing yet looks like one at its end.
            if count == 0, size == nil, done == 0, try waitForWriter() { continue }
            if count == 0 { break }
            try body(UnsafeMutableRawBufferPointer(rebasing: memory[..<count]))
            done += count
        }
        if let size, done < min(size, limit ?? .max) {
            throw InputError(
                "\(path) became shorter while it was read: \(done) of \(size) bytes were there. Assess it "
                    + "when nobody writes to it."
            )
        }
    }

    /// Hands over the bytes of a part in order; returns their number and SHA-256. The rest is as above.
    consuming func read(
        _ part: SampleInput.Part,
        _ body: (_ chunk: UnsafeRawBufferPointer) throws -> Void
    ) throws -> (count: Int, sha256: String) {
        var hash = SHA256()
        var seen = 0
        var count = 0
        try readAll(limit: part.take.map { part.skip + $0 }) { chunk in
            let first = min(chunk.count, max(0, part.skip - seen))
            seen += chunk.count
            let wanted = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(chunk)[first...])
            count += wanted.count
            hash.update(bufferPointer: wanted)
            try body(wanted)
        }
        return (count, hexadecimal(hash.finalize()))
    }

    private borrowing func wait() throws {
        var entries = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&entries, 2, -1) < 0, errno == EINTR {}
        if Interruption.happened { throw ExitCode(Interruption.exitStatus) }
    }

    /// Waits for the first writer of a FIFO; false if the input has ended.
    private borrowing func waitForWriter() throws -> Bool {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFIFO, path != "-" else {
            return false
        }
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&entry, 1, 0) > 0 { return entry.revents & Int16(POLLIN) != 0 }
        try wait()
        return true
    }
}

/// Bytes: large enough that system calls do not count, small enough for a second-level cache.
private let chunkByteCount = 256 << 10
