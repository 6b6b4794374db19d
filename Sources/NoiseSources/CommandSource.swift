// Noise source: the standard output of a command line.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Entropy
internal import Glibc
internal import LinuxSystem

/// Bytes that a program writes. Only the operator can know what they are worth: without a claim in
/// the configuration they are mixed and not credited.
///
/// A program that ends is an error of code `endOfData` that names its exit status; the next
/// sampling, with or without close and open between, waits for the restart delay and starts it
/// again. Lines of standard error go to the settings' line handler.
package final class CommandSource: NoiseSource {
    package static let standard = NoiseSourceDescriptor(
        name: "command",
        summary: "The standard output of a command line.",
        sampleBits: 8,
        kind: .symbols,
        claim: EntropyClaim(minEntropy: .zero, origin: .none)
    )

    /// Of the thread that reads; the program's own use is its own.
    package static let defaultCPUShare = 0.1

    package static func availability(_ settings: NoiseSourceSettings) -> Availability {
        guard let commandLine = settings.commandLine else {
            return .unavailable(reason: "no command line is configured")
        }
        return .available(note: commandLine)
    }

    package let descriptor: NoiseSourceDescriptor
    private let settings: NoiseSourceSettings
    private var process = ChildProcess()
    private var output = ByteChannel()
    private var delays: RestartDelays
    private var started: Duration = .zero
    private var nextStart: Duration = .zero
    private var lines: LineSplitter

    package init(_ settings: NoiseSourceSettings) {
        descriptor = Self.descriptor(settings)
        self.settings = settings
        delays = settings.restartDelays
        lines = LineSplitter()
    }

    /// Starts the program, unless its restart delay has not passed yet.
    package func open() throws(NoiseSourceError) {
        guard settings.commandLine != nil else {
            throw NoiseSourceError(
                .invalidSetting,
                source: descriptor.name,
                "no command line is configured",
                hint: "Give the command whose output is the noise."
            )
        }
        if SystemClock.awake >= nextStart { try start() }
    }

    package func sample(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32
    ) throws(NoiseSourceError) -> Int {
        if !process.isRunning {
            if waitForInput(-1, wake: wake, until: nextStart) == .woken { return 0 }
            try start()
        }
        let deadline = SystemClock.awake + settings.silenceLimit
        while true {
            let outcome = waitForInput(
                output.descriptor,
                process.standardError,
                wake: wake,
                until: deadline
            )
            if outcome == .woken { return 0 }
            if forwardStandardError() {
                // Only output ends this pause: a flood on standard error costs no more than this.
                let end = min(deadline, SystemClock.awake + standardErrorPause)
                _ = waitForInput(output.descriptor, wake: wake, until: end)
            }
            switch output.read(into: buffer, wake: wake, silenceLimit: .zero) {
            case .samples(let count): return count
            case .interrupted: return 0
            case .silent:
                if SystemClock.awake < deadline { continue }
                throw .silence(
                    source: descriptor.name,
                    after: settings.silenceLimit,
                    of: "the command"
                )
            case .endOfFile: throw ended()
            case .failed(let error):
                throw NoiseSourceError(
                    source: descriptor.name,
                    "read",
                    path: "the command's output",
                    errorNumber: error
                )
            }
        }
    }

    /// Ends the program and everything it started in its process group.
    package func close() {
        guard process.isRunning else { return }
        _ = stop(isEnding: false)
    }

    private func start() throws(NoiseSourceError) {
        started = SystemClock.awake
        let error = process.start(settings.commandLine ?? "")
        guard error == 0 else {
            nextStart = started + delays.delay(afterRunOf: .zero)
            throw NoiseSourceError(
                source: descriptor.name,
                "start",
                path: "/bin/sh",
                errorNumber: error
            )
        }
        output.adopt(process.takeStandardOutput())
    }

    /// Standard output came to its end: the program ended, or will not give more.
    private func ended() -> NoiseSourceError {
        let ending = stop(isEnding: true)
        let now = SystemClock.awake
        let delay = delays.delay(afterRunOf: now - started)
        nextStart = now + delay
        return NoiseSourceError(
            .endOfData,
            source: descriptor.name,
            "the command \(ending)",
            hint: "It is started again in \(delay.components.seconds) s."
        )
    }

    private func stop(isEnding: Bool) -> ChildProcess.Ending {
        let ending = process.stop(isEnding: isEnding)
        forwardStandardError()
        lines.finish(report)
        process.closeStandardError()
        output.close()
        return ending
    }

    /// Reads a bounded amount, so that a program that floods its standard error cannot hold the
    /// thread. Returns whether there was any.
    @discardableResult
    private func forwardStandardError() -> Bool {
        guard process.standardError >= 0 else { return false }
        return withUnsafeTemporaryAllocation(byteCount: standardErrorPiece, alignment: 1) { bytes in
            let count = read(process.standardError, bytes.baseAddress, bytes.count)
            if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) {
                process.closeStandardError()
            }
            guard count > 0 else { return false }
            let piece = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            lines.add(piece, at: SystemClock.awake, report)
            return true
        }
    }

    private func report(_ line: String) {
        settings.lineHandler?.take(line)
    }
}

/// Bytes of standard error per turn: as much as a pipe holds.
private let standardErrorPiece = 65_536
/// Bounds what is read of standard error to 6.5 MB/s.
private let standardErrorPause: Duration = .milliseconds(10)
