// A noise source that plays a script, for tests of everything that stands behind sources.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Entropy
internal import Glibc
package import NoiseSources

/// Plays its steps in order; after the last one it stays at the end of its data. Opening it again
/// goes on where the script stopped.
package final class ScriptedSource: NoiseSource {
    package enum Step: Sendable, Equatable {
        /// Independent uniform samples of the descriptor's width, from a generator with a fixed
        /// seed.
        case noise(count: Int)
        /// The same sample over and over.
        case constant(RawSample, count: Int)
        /// Given samples.
        case samples([RawSample])
        /// Gives nothing until woken; each wake-up is one call that returns 0, and the step goes
        /// on.
        case block
        case fail(NoiseSourceError)
        /// From here on this is the source's objection to its own samples.
        case object(String?)
        /// Noise without end, always as much as the buffer takes.
        case flood
    }

    package static let standard = NoiseSourceDescriptor(
        name: "scripted",
        summary: "A script.",
        sampleBits: 8,
        kind: .symbols,
        claim: EntropyClaim(minEntropy: BitsPerSample(4)!, origin: .operatorStated)
    )
    package static let defaultCPUShare = 1.0
    package static func availability(_ settings: NoiseSourceSettings) -> Availability {
        .available(note: nil)
    }

    package let descriptor: NoiseSourceDescriptor
    /// How often open and close were called.
    package private(set) var openCount = 0
    package private(set) var closeCount = 0
    package private(set) var objection: String?
    private let openError: NoiseSourceError?
    private var steps: ArraySlice<Step>
    private var usedOfStep = 0
    private var random: SeededGenerator

    package convenience init(_ settings: NoiseSourceSettings) {
        self.init(script: [.flood], descriptor: Self.descriptor(settings))
    }

    /// - Parameter openError: thrown by every call of open.
    package init(
        script: [Step],
        descriptor: NoiseSourceDescriptor = ScriptedSource.standard,
        seed: UInt64 = 1,
        openError: NoiseSourceError? = nil
    ) {
        self.descriptor = descriptor
        self.openError = openError
        steps = script[...]
        random = SeededGenerator(seed)
    }

    package func open() throws(NoiseSourceError) {
        if let openError { throw openError }
        openCount += 1
    }

    package func sample(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32
    ) throws(NoiseSourceError) -> Int {
        while let step = steps.first {
            let length: Int
            switch step {
            case .noise(let count): length = count
            case .constant(_, let count): length = count
            case .samples(let samples): length = samples.count
            case .flood: length = .max
            case .fail(let error):
                steps.removeFirst()
                throw error
            case .object(let words):
                steps.removeFirst()
                objection = words
                continue
            case .block:
                var polled = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
                _ = ws_poll(&polled, 1, -1)
                return 0
            }
            let count = min(buffer.count, length - usedOfStep)
            for index in 0..<count {
                buffer[index] =
                    switch step {
                    case .constant(let sample, _): sample
                    case .samples(let samples): samples[usedOfStep + index]
                    default: random.next() & descriptor.symbolMask
                    }
            }
            if step != .flood { usedOfStep += count }
            if usedOfStep == length {
                steps.removeFirst()
                usedOfStep = 0
            }
            if count > 0 { return count }
        }
        throw NoiseSourceError(.endOfData, source: descriptor.name, "the script is over")
    }

    package func close() { closeCount += 1 }
}
