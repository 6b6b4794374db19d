// A descriptor that bytes are read from: waiting, waking, end and silence for every source alike.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Entropy
internal import Glibc
internal import LinuxSystem

/// Owns one non-blocking descriptor. Reading gives one raw sample per byte, in place: no second
/// copy of the bytes exists in this process.
struct ByteChannel: ~Copyable {
    /// read(2), or what a test puts in its place.
    typealias ReadCall = (Int32, UnsafeMutableRawPointer?, Int) -> Int

    enum Outcome: Equatable {
        case samples(Int)
        case interrupted
        case endOfFile
        /// Nothing came within the limit; the last error number, if reading was tried.
        case silent(Int32?)
        case failed(Int32)
    }

    private(set) var descriptor: Int32 = -1
    private let readCall: ReadCall

    init(read: @escaping ReadCall = Glibc.read) { readCall = read }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    /// Takes over a descriptor that is already non-blocking and close-on-exec.
    mutating func adopt(_ descriptor: Int32) {
        close()
        self.descriptor = descriptor
    }

    mutating func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Opens for reading without blocking and without becoming a terminal's owner. A directory is
    /// refused. Returns an error number, 0 for success.
    mutating func open(_ path: String) -> Int32 {
        let opened = Glibc.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard opened >= 0 else { return errno }
        adopt(opened)
        if fileType == S_IFDIR {
            close()
            return EISDIR
        }
        return 0
    }

    /// The S_IFMT part of the descriptor's mode; 0 when it cannot be had.
    var fileType: mode_t {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? facts.st_mode & S_IFMT : 0
    }

    /// Waits for bytes and stores each as a sample.
    func read(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32,
        silenceLimit: Duration
    ) -> Outcome {
        let deadline = SystemClock.awake + silenceLimit
        var pause = shortestPause
        var lastError: Int32?
        while true {
            switch waitForInput(descriptor, wake: wake, until: deadline) {
            case .woken: return .interrupted
            case .timedOut: return .silent(lastError)
            case .ready: break
            }
            let count = readBytes(into: buffer)
            if count > 0 { return .samples(count) }
            if count == 0 { return .endOfFile }
            let error = errno
            switch error {
            case EINTR: continue
            case EAGAIN, EBUSY:
                // The device says "ready" and has nothing: it has no poll of its own.
                lastError = error
                let now = SystemClock.awake
                if now >= deadline { return .silent(lastError) }
                let end = min(deadline, now + pause)
                if waitForInput(-1, wake: wake, until: end) == .woken { return .interrupted }
                pause = min(pause * 2, longestPause)
            default: return .failed(error)
            }
        }
    }

    /// Reads into the last eighth of the buffer, then spreads the bytes from its front: sample i
    /// ends at byte 8i + 8, which is never behind the next unread byte at 7n + i + 1, as i < n.
    private func readBytes(into buffer: UnsafeMutableBufferPointer<RawSample>) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        let bytes = UnsafeMutableRawPointer(base) + 7 * buffer.count
        let count = readCall(descriptor, bytes, buffer.count)
        for index in 0..<max(0, count) {
            let byte = bytes.load(fromByteOffset: index, as: UInt8.self)
            base[index] = RawSample(byte)
        }
        return count
    }
}

// MARK: - For a source with a name

extension ByteChannel {
    mutating func open(_ path: String, source: String) throws(NoiseSourceError) {
        let error = open(path)
        guard error == 0 else {
            throw NoiseSourceError(source: source, "open", path: path, errorNumber: error)
        }
    }

    /// The number of samples, which is 0 after a wake-up; nil at the end of the file. Silence counts
    /// from `start`.
    func samples(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32,
        silenceLimit: Duration,
        since start: Duration = SystemClock.awake,
        path: String,
        source: String
    ) throws(NoiseSourceError) -> Int? {
        let left = max(.zero, start + silenceLimit - SystemClock.awake)
        switch read(into: buffer, wake: wake, silenceLimit: left) {
        case .samples(let count): return count
        case .interrupted: return 0
        case .endOfFile: return nil
        case .silent(let error):
            throw .silence(source: source, after: silenceLimit, of: path, errorNumber: error)
        case .failed(let error):
            throw NoiseSourceError(source: source, "read", path: path, errorNumber: error)
        }
    }
}

/// A device without poll is asked again after 1 ms, then ever more rarely, so that a dead one costs
/// at most 10 wake-ups per second.
private let shortestPause: Duration = .milliseconds(1)
private let longestPause: Duration = .milliseconds(100)
