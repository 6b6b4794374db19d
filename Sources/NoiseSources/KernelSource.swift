// Noise source: what the kernel's own generator gives; mixed, never credited.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Entropy
internal import Glibc

/// getrandom(2) without waiting. Its claim is zero whatever a configuration says: entropy that came
/// from the kernel must not be counted when it goes back there.
package final class KernelSource: NoiseSource {
    package static let standard = NoiseSourceDescriptor(
        name: "kernel",
        summary: "The kernel's own generator, mixed in and never credited.",
        sampleBits: 8,
        kind: .symbols,
        claim: EntropyClaim(minEntropy: .zero, origin: .none)
    )

    /// A batch takes microseconds.
    package static let defaultCPUShare = 0.1
    package static let yieldsRawNoise = false

    /// Mixed at start: a start-up test's worth of bytes, many times what the kernel's generator holds.
    package static let sampleLimit: Int? = 1024

    package static func descriptor(_ settings: NoiseSourceSettings) -> NoiseSourceDescriptor {
        var descriptor = standard
        if let name = settings.name { descriptor.name = name }
        return descriptor
    }

    package static func availability(_ settings: NoiseSourceSettings) -> Availability {
        let source = KernelSource(settings)
        do {
            try source.open()
            return .available(note: nil)
        } catch {
            return .unavailable(reason: error.reason)
        }
    }

    /// getrandom(2), or what a test puts in its place.
    typealias RandomCall = (UnsafeMutableRawPointer?, Int, UInt32) -> Int

    package let descriptor: NoiseSourceDescriptor
    private let randomCall: RandomCall

    package convenience init(_ settings: NoiseSourceSettings) {
        self.init(settings, random: getrandom)
    }

    init(_ settings: NoiseSourceSettings, random: @escaping RandomCall) {
        descriptor = Self.descriptor(settings)
        randomCall = random
    }

    /// Fails at once, rather than waiting, when the generator was never seeded.
    package func open() throws(NoiseSourceError) {
        var byte: UInt8 = 0
        try fill(&byte, 1)
    }

    package func sample(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32
    ) throws(NoiseSourceError) -> Int {
        let count = min(buffer.count, longestCall)
        guard let base = buffer.baseAddress, count > 0 else { return 0 }
        // The bytes go to the end of the room they are spread over, as in ByteChannel.
        let bytes = UnsafeMutableRawPointer(base) + 7 * count
        try fill(bytes, count)
        for index in 0..<count {
            base[index] = RawSample(bytes.load(fromByteOffset: index, as: UInt8.self))
        }
        return count
    }

    package func close() {}

    private func fill(_ bytes: UnsafeMutableRawPointer, _ count: Int) throws(NoiseSourceError) {
        let given = randomCall(bytes, count, WS_GRND_NONBLOCK)
        if given == count { return }
        let error = given < 0 ? errno : EIO
        throw switch error {
        case EAGAIN:
            NoiseSourceError(
                .unavailable,
                source: descriptor.name,
                "the kernel's generator is not seeded yet",
                hint: "It is asked again later; other sources can seed it."
            )
        case ENOSYS:
            NoiseSourceError(
                .unavailable,
                source: descriptor.name,
                "this kernel has no getrandom",
                hint: "Linux has it since 3.17."
            )
        default:
            NoiseSourceError(
                .inputOutput,
                source: descriptor.name,
                "getrandom failed",
                errorNumber: error
            )
        }
    }
}

/// Bytes: up to here getrandom(2) promises to be neither cut short nor interrupted.
private let longestCall = 256
