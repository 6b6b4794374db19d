// `wellspring drain`: reads a random device or an EGD socket as fast as it gives, and says how it went.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Configuration
internal import EGDService
internal import Entropy
internal import Glibc
internal import KernelRandom
internal import LinuxSystem
internal import Synchronization

struct DrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Read a random device or an EGD socket dry, and say how it went.",
        discussion: """
            The experiment that every text on entropy begins with (dd if=/dev/random), for /dev/random, \
            /dev/hwrng, any other device or file, or an EGD server: its Unix socket or tcp://HOST:PORT. Shows the rate, the \
            longest wait for a single byte, and the kernel's entropy_avail before and after, in words.

            Exit status: 0 all bytes came, 1 the time was over first, 74 reading failed.
            """
    )

    @Argument(help: "A device, a file, or an EGD server: its Unix socket or tcp://HOST:PORT.")
    var target = "/dev/random"

    @Option(name: .shortAndLong, help: "Bytes to read, such as 512000 or 1MiB.")
    var size = ByteSize(512_000)

    @Option(name: .shortAndLong, help: "Bytes in one read.")
    var block = ByteSize(512)

    @Option(name: .shortAndLong, help: "Seconds after which to stop.")
    var time = 10.0

    func validate() throws {
        guard size.byteCount > 0, (1...65_536).contains(block.byteCount) else {
            throw ValidationError("The size must be positive and a block 1 to 65536 bytes.")
        }
        guard time > 0, time <= 86_400 else {
            throw ValidationError("The time must be more than 0 and at most 86400 seconds.")
        }
        _ = try endpoint(target)
    }

    func run() throws {
        let before = KernelRandomState.read()
        let reader: DrainReader
        do {
            reader = try DrainReader(target: target, size: size.byteCount, block: block.byteCount)
        } catch {
            throw Terminal.fail(error, ExitStatus.inputOutput)
        }
        let started = SystemClock.now
        // On its own thread: some kernels ignore O_NONBLOCK, and a read may never return.
        let thread = try NamedThread("drain") { reader.run() }
        var bar = ProgressBar("draining \(target)", total: size.byteCount, unit: "B")
        while !reader.finished.wait(atMost: .milliseconds(100)) {
            bar.update(reader.received)
            if (SystemClock.now - started).seconds >= time { break }
        }
        bar.finish()
        let elapsed = (SystemClock.now - started).seconds
        let after = KernelRandomState.read()
        Terminal.print(report(reader, elapsed: elapsed, before: before, after: after))
        // The thread may sit in a read that never returns; it ends with the process.
        _ = consume thread
        if let failure = reader.failure { throw Terminal.fail(failure, ExitStatus.inputOutput) }
        if reader.received < size.byteCount { throw ExitStatus.failure }
    }

    private func report(
        _ reader: DrainReader,
        elapsed: Double,
        before: KernelRandomState,
        after: KernelRandomState
    ) -> String {
        let received = reader.received
        let stall = reader.longestWait(now: SystemClock.now).seconds
        var lines = [
            "\(target): \(received) of \(size.byteCount) bytes in \(fixed(elapsed, 3)) s, "
                + "\(scaled(Double(received) / max(elapsed, 1e-6)))B/s; longest wait \(fixed(stall, 3)) s"
        ]
        if received == 0 {
            lines.append("Not one byte came: whoever reads here is blocked.")
        } else if received < size.byteCount {
            lines.append("The time was over first: this source gives less than was asked for.")
        } else if stall > 0.5 {
            lines.append("Readers were kept waiting: the source is slower than its readers.")
        } else {
            lines.append("Never kept waiting.")
        }
        let numbers = (before.entropyAvailable, after.entropyAvailable)
        if case (let first?, let last?) = numbers {
            lines.append("entropy_avail \(first) before, \(last) after, of \(after.poolSize ?? 0)")
        }
        if target == "/dev/random", let kernelClass = after.kernelClass {
            lines.append(kernelClass.summary)
        }
        return lines.joined(separator: "\n")
    }
}

/// The reading side, on its own thread.
private final class DrainReader: Sendable {
    let finished: EventDescriptor
    private let size: Int
    private let block: Int
    private let target: String
    /// Nil for what is read as a file.
    private let server: StreamEndpoint?
    private let state = Mutex(State())

    private struct State {
        var received = 0
        var failure: String?
        var waitingSince = SystemClock.now
        var longestWait = Duration.zero
        var done = false
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(target: String, size: Int, block: Int) throws {
        self.size = size
        self.block = block
        finished = try EventDescriptor()
        self.target = target
        if isEndpoint(target) {
            server = try endpoint(target)
            return
        }
        var facts = stat()
        guard stat(target, &facts) == 0 else { throw SystemError("open \(target)") }
        server = facts.st_mode & S_IFMT == S_IFSOCK ? .unix(path: target) : nil
    }

    var received: Int { state.withLock { $0.received } }
    var failure: Failure? { state.withLock { $0.failure }.map { Failure(description: $0) } }

    func longestWait(now: Duration) -> Duration {
        state.withLock { $0.done ? $0.longestWait : max($0.longestWait, now - $0.waitingSince) }
    }

    func run() {
        do {
            if let server { try drain(server) } else { try drainFile() }
        } catch {
            state.withLock { $0.failure = "\(error)" }
        }
        state.withLock { $0.done = true }
        finished.signal()
    }

    private func drainFile() throws {
        // Here and not before: opening a FIFO that nobody writes to waits, too.
        let descriptor = open(target, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open \(target)") }
        defer { close(descriptor) }
        let buffer = SecretBytes(count: block)
        while received < size {
            let wanted = min(block, size - received)
            let count = buffer.withMutableBytes { read(descriptor, $0.baseAddress, wanted) }
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard count >= 0 else { throw SystemError("read") }
            guard count > 0 else {
                throw Failure(description: "end of data after \(received) bytes")
            }
            add(count)
        }
    }

    private func drain(_ server: StreamEndpoint) throws {
        var client = try EGDClient(server)
        let buffer = SecretBytes(count: min(block, 255))
        while received < size {
            let wanted = min(buffer.count, size - received)
            let count = try buffer.withMutableBytes { bytes in
                try client.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]),
                    blocking: true
                )
            }
            guard count > 0 else { throw Failure(description: "the server closed the connection") }
            add(count)
        }
        client.close()
    }

    private func add(_ count: Int) {
        let now = SystemClock.now
        state.withLock { state in
            state.received += count
            state.longestWait = max(state.longestWait, now - state.waitingSince)
            state.waitingSince = now
        }
    }
}
