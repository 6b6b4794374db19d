// Noise source: the bytes of any file, FIFO, character device or serial line.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Entropy
internal import Glibc
internal import LinuxSystem

/// Bytes from a path. Only the operator can know what they are worth: without a claim in the
/// configuration they are mixed and not credited.
///
/// A regular file is read once: after close and open it goes on where it stopped, so that no byte
/// is counted twice by one process. It is not remembered across restarts.
package final class StreamSource: NoiseSource {
    package static let standard = NoiseSourceDescriptor(
        name: "stream",
        summary: "Bytes of a file, FIFO, character device or serial line.",
        sampleBits: 8,
        kind: .symbols,
        claim: EntropyClaim(minEntropy: .zero, origin: .none)
    )

    /// Copying bytes costs next to nothing.
    package static let defaultCPUShare = 0.1

    package static func availability(_ settings: NoiseSourceSettings) -> Availability {
        guard let path = settings.path else {
            return .unavailable(reason: "no path is configured")
        }
        guard access(path, F_OK) == 0 else { return .unavailable(reason: "there is no \(path)") }
        guard access(path, R_OK) == 0 else {
            return .unavailable(reason: "this user may not read \(path)")
        }
        return .available(note: path)
    }

    package let descriptor: NoiseSourceDescriptor
    private let path: String?
    private let speed: Int?
    private let silenceLimit: Duration
    private var channel = ByteChannel()
    private var fileType: mode_t = 0
    private var isTerminal = false
    private var consumed = FilePosition()

    package init(_ settings: NoiseSourceSettings) {
        descriptor = Self.descriptor(settings)
        path = settings.path
        speed = settings.speed
        silenceLimit = settings.silenceLimit
    }

    package func open() throws(NoiseSourceError) {
        guard let path else {
            throw NoiseSourceError(
                .invalidSetting,
                source: descriptor.name,
                "no path is configured",
                hint: "Name the device or file to read."
            )
        }
        try openPath(path)
        do throws(NoiseSourceError) {
            if isTerminal {
                try prepareLine(path)
            } else if speed != nil {
                throw NoiseSourceError(
                    .invalidSetting,
                    source: descriptor.name,
                    "a speed is configured, but \(path) is no serial line",
                    hint: "Leave the speed out."
                )
            }
        } catch {
            channel.close()
            throw error
        }
        if fileType == S_IFREG { consumed.resume(channel.descriptor) }
    }

    package func sample(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32
    ) throws(NoiseSourceError) -> Int {
        let path = path ?? ""
        let start = SystemClock.awake
        while true {
            let count = try channel.samples(
                into: buffer,
                wake: wake,
                silenceLimit: silenceLimit,
                since: start,
                path: path,
                source: descriptor.name
            )
            if let count {
                consumed.offset += off_t(count)
                return count
            }
            switch fileType {
            case S_IFIFO:
                // The writer left; a fresh descriptor waits for the next one.
                try openPath(path)
            case S_IFREG:
                throw NoiseSourceError(
                    .endOfData,
                    source: descriptor.name,
                    "\(path) is used up",
                    hint: "A file is read once; give a device for lasting noise."
                )
            default:
                throw NoiseSourceError(
                    .deviceGone,
                    source: descriptor.name,
                    "\(path) was hung up",
                    hint: "Check the device and its cable; it is tried again later."
                )
            }
        }
    }

    package func close() { channel.close() }

    private func prepareLine(_ path: String) throws(NoiseSourceError) {
        do throws(SerialLine.Failure) {
            try SerialLine.prepare(channel.descriptor, speed: speed, discarding: .received)
        } catch {
            throw NoiseSourceError(source: descriptor.name, line: path, error)
        }
    }

    private func openPath(_ path: String) throws(NoiseSourceError) {
        // The old descriptor closes after the new one is open: a FIFO never stands without a
        // reader.
        try channel.open(path, source: descriptor.name)
        fileType = channel.fileType
        isTerminal = isatty(channel.descriptor) == 1
    }
}

extension NoiseSourceError {
    fileprivate init(source: String, line path: String, _ failure: SerialLine.Failure) {
        switch failure {
        case .unknownSpeed(let speed, let known):
            self.init(
                .invalidSetting,
                source: source,
                "\(speed) is no speed of a serial line",
                hint: "Possible are \(known.map(String.init).joined(separator: ", "))."
            )
        case .refused(let action, let errorNumber):
            self.init(source: source, action, path: path, errorNumber: errorNumber)
        case .notTaken:
            self.init(
                .invalidSetting,
                source: source,
                "\(path) did not take the serial settings",
                hint: "Try another speed."
            )
        }
    }
}

/// How far a regular file was read.
private struct FilePosition {
    var offset: off_t = 0
    private var device: dev_t = 0
    private var inode: ino_t = 0

    /// Moves to the first unread byte when it is still the same file, else starts anew.
    mutating func resume(_ descriptor: Int32) {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return }
        if facts.st_dev == device, facts.st_ino == inode {
            lseek(descriptor, offset, SEEK_SET)
        } else {
            (device, inode, offset) = (facts.st_dev, facts.st_ino, 0)
        }
    }
}
