// Noise source: the kernel's hardware generator device, /dev/hwrng.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Entropy
internal import Glibc
internal import LinuxSystem

/// Bytes of the generator that the kernel chose (rng_current in sysfs).
package final class HardwareSource: NoiseSource {
    /// The claim is the same low figure as for processors' generators: 8 of 256 bits after the
    /// usual safety factor of one half. Who knows the device states a better one.
    package static let standard = NoiseSourceDescriptor(
        name: "hwrng",
        summary: "A hardware generator that the kernel has a driver for.",
        sampleBits: 8,
        kind: .symbols,
        claim: EntropyClaim(minEntropy: BitsPerSample(0.5)!, origin: .blackBox)
    )

    /// Copying bytes costs next to nothing; polled devices spend their time in the driver.
    package static let defaultCPUShare = 0.1
    package static let yieldsRawNoise = false

    package static func availability(_ settings: NoiseSourceSettings) -> Availability {
        let path = settings.path ?? standardPath
        guard access(path, F_OK) == 0 else {
            return .unavailable(reason: "there is no \(path)")
        }
        guard access(path, R_OK) == 0 else {
            return .unavailable(reason: "this user may not read \(path)")
        }
        let facts = KernelFacts(systemRoot: settings.systemRoot)
        if facts.current == "none" {
            return .unavailable(reason: "no hardware generator stands behind \(path)")
        }
        return .available(note: facts.note)
    }

    package let descriptor: NoiseSourceDescriptor
    private let path: String
    private let silenceLimit: Duration
    private var channel: ByteChannel

    package convenience init(_ settings: NoiseSourceSettings) {
        self.init(settings, read: Glibc.read)
    }

    init(_ settings: NoiseSourceSettings, read: @escaping ByteChannel.ReadCall) {
        descriptor = Self.descriptor(settings)
        path = settings.path ?? standardPath
        silenceLimit = settings.silenceLimit
        channel = ByteChannel(read: read)
    }

    package func open() throws(NoiseSourceError) {
        try channel.open(path, source: descriptor.name)
    }

    package func sample(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32
    ) throws(NoiseSourceError) -> Int {
        let count = try channel.samples(
            into: buffer,
            wake: wake,
            silenceLimit: silenceLimit,
            path: path,
            source: descriptor.name
        )
        guard let count else {
            throw NoiseSourceError(
                .deviceGone,
                source: descriptor.name,
                "\(path) came to an end",
                hint: "The kernel may have lost its generator; see rng_current."
            )
        }
        return count
    }

    package func close() { channel.close() }
}

/// What sysfs tells about the kernel's own use of the device.
private struct KernelFacts {
    let current: String?
    /// Entropy that the driver claims, in 1/1024 of a bit per bit; absent before Linux 6.2.
    let quality: Int?

    init(systemRoot: String) {
        let tree = SystemTree(root: systemRoot)
        let folder = "/sys/class/misc/hw_random/"
        current = tree.line(folder + "rng_current")
        quality = tree.number(folder + "rng_quality")
    }

    var note: String {
        let device = current ?? "a generator that the kernel does not name"
        return switch quality {
        case .some(let quality) where quality > 0:
            "\(device); the kernel already draws from it, at \(quality) of 1024"
        case .some: "\(device); the kernel gives it no credit"
        case nil: "\(device); whether the kernel draws from it is not known"
        }
    }
}

private let standardPath = "/dev/hwrng"
