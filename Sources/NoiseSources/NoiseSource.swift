// What every noise source is: a static descriptor and three verbs (SP 800-90B section 2.2.1).
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// One source of raw samples. It is made, opened, sampled and closed on one thread, in the order
/// open, sample any number of times, close; after close it may be opened again. It knows no credit
/// and judges no quality: the health chain does.
package protocol NoiseSource: AnyObject, SendableMetatype {
    /// Name, sample width, kind and default claim, as they stand without any configuration.
    static var standard: NoiseSourceDescriptor { get }
    /// Default share of one processor that the sampling thread may use, in 0...1.
    static var defaultCPUShare: Double { get }
    /// Samples after which the source has done its work for this process; nil for one that goes on.
    static var sampleLimit: Int? { get }
    /// Whether the samples are noise as it comes, so that an estimate of them means something. False
    /// where a device, the kernel or another machine has conditioned them already.
    static var yieldsRawNoise: Bool { get }
    /// Whether nothing is read while nobody needs samples. False for a device whose failure is to be noticed
    /// all the same; its samples are mixed then.
    static var restsWithPool: Bool { get }
    /// The standing facts under `settings`. Claims that nobody may raise stay as they are.
    static func descriptor(_ settings: NoiseSourceSettings) -> NoiseSourceDescriptor
    /// Whether `open` has a chance on this machine. Looks only: takes no sample from a device and
    /// never blocks.
    static func availability(_ settings: NoiseSourceSettings) -> Availability

    init(_ settings: NoiseSourceSettings)

    var descriptor: NoiseSourceDescriptor { get }
    /// Where it reads from, for a source that reads from other machines. Asked between calls.
    var upstream: UpstreamFacts? { get }
    /// What is known about the device, for a source that speaks with one.
    var device: DeviceBoard? { get }
    /// Why the samples of the last call and those before it that nobody has vouched for are not to be
    /// credited, whatever the health tests find: a clause; nil when nothing speaks against them.
    var objection: String? { get }

    /// Acquires the device and tests whether it can be used at all. On an error nothing stays open.
    func open() throws(NoiseSourceError)

    /// Stores raw samples at the front of `buffer` (not empty) and returns their number, which is 0
    /// only when `wake` became readable. A source that makes its samples fills the buffer unless it
    /// is woken; one that waits for a device returns with what there is. Blocks until there is a
    /// sample, `wake` is readable, or the source's patience (``NoiseSourceSettings/silenceLimit``)
    /// ends, which is an error of code `silent`. After an error the caller closes the source and
    /// may open it again later.
    ///
    /// - Parameter wake: a descriptor, usually an eventfd, that becomes readable when the caller
    ///   wants the thread back; -1 for none. It is not read.
    func sample(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32
    ) throws(NoiseSourceError) -> Int

    /// Releases everything. Does nothing when the source is not open. Never fails.
    func close()
}

extension NoiseSource {
    package static var sampleLimit: Int? { nil }
    package static var yieldsRawNoise: Bool { true }
    package static var restsWithPool: Bool { true }
    package var upstream: UpstreamFacts? { nil }
    package var device: DeviceBoard? { nil }
    package var objection: String? { nil }

    package static func descriptor(_ settings: NoiseSourceSettings) -> NoiseSourceDescriptor {
        var descriptor = standard
        if let name = settings.name { descriptor.name = name }
        if let claim = settings.claim { descriptor.claim = claim }
        return descriptor
    }
}

/// Whether a source can be opened here, in words for people.
package enum Availability: Sendable, Equatable {
    case available(note: String?)
    case unavailable(reason: String)
}
