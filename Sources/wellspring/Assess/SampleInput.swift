// Samples from a file, a pipe or standard input, with what their sidecar says about them.
// SPDX-License-Identifier: Apache-2.0

internal import Assessment
internal import FoundationEssentials
internal import StatisticalTests

/// Samples in memory, one per byte, and where they come from.
struct SampleInput {
    let name: String
    let samples: [UInt8]
    let sha256: String
    /// Bytes of the input before the first sample.
    let skipped: Int
    /// What lies beside the file, if it belongs to these samples.
    let sidecar: CaptureSidecar?
    /// What a reader of the result should know about the input.
    let notes: [String]

    /// Which samples of an input are wanted.
    struct Part {
        var skip = 0
        /// Nil: all.
        var take: Int?
        /// The input holds the digits 0 and 1, one sample each; `skip` and `take` count characters.
        var isASCII = false
    }

    /// Reads `path`, or standard input if it is `-`.
    ///
    /// A regular file that ends before its size is an error, since somebody is writing to it; a pipe
    /// ends where its writer ends.
    static func read(_ path: String, part: Part) throws -> SampleInput {
        let input = try ByteInput(path: path)
        var samples: [UInt8] = []
        if let size = input.size {
            let wanted = min(part.take ?? .max, max(0, size - part.skip))
            guard wanted <= mostSamples else {
                throw InputError(
                    "\(path) has \(size) bytes, and at most \(mostSamples) samples are assessed at once. "
                        + "Assess a part of it: --take 1000000, and --skip N for another."
                )
            }
            samples.reserveCapacity(wanted)
        }
        let (_, digest) = try input.read(part) { chunk in
            samples.append(contentsOf: chunk)
            guard samples.count <= mostSamples else {
                throw InputError(
                    "\(path) goes on after \(mostSamples) samples, which is as many as are assessed at "
                        + "once. Assess a part of it: --take 1000000."
                )
            }
        }
        var notes: [String] = []
        if let take = part.take, samples.count < take {
            notes.append(
                "\(label(path)) ended after \(samples.count) samples, before the \(take) wanted."
            )
        }
        if part.isASCII {
            do throws(BitSequenceError) {
                let bits = try BitSequence(ascii: samples)
                samples = (0..<bits.count).map { bits[$0] }
            } catch {
                throw InputError("\(label(path)): \(error)")
            }
        }
        let isWhole = part.skip == 0 && part.take.map { samples.count < $0 } ?? true
        let sidecar = try readSidecar(path, digest: isWhole ? digest : nil, notes: &notes)
        return SampleInput(
            name: label(path),
            samples: samples,
            sha256: digest,
            skipped: part.skip,
            sidecar: sidecar,
            notes: notes
        )
    }

    static func label(_ path: String) -> String { path == "-" ? "standard input" : path }

    /// The sidecar of a recording, if there is one. A recording that was changed is an error: what its
    /// sidecar says would be said of other samples.
    private static func readSidecar(
        _ path: String,
        digest: String?,
        notes: inout [String]
    ) throws -> CaptureSidecar? {
        let place = CaptureSidecar.path(for: path)
        guard path != "-", let data = FileManager.default.contents(atPath: place) else {
            return nil
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let sidecar = try? decoder.decode(CaptureSidecar.self, from: data) else {
            notes.append("\(place) is not a sidecar of wellspring capture and was not used.")
            return nil
        }
        if let digest, digest != sidecar.sha256 {
            throw InputError(
                "\(path) is not the recording that \(place) describes: its SHA-256 is \(digest), and "
                    + "\(sidecar.sha256) was recorded. Record anew, or move the sidecar away."
            )
        }
        return sidecar
    }

    /// Samples: the most whose bits the estimators can number, at eight bits each.
    private static let mostSamples =
        PreparedSample.maximumBitCount / Specification.maximumSymbolWidth
}

/// An input that cannot be used.
struct InputError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
