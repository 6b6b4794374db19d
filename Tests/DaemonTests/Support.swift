// Pools and runners with scripted sources.
// SPDX-License-Identifier: Apache-2.0

import Conditioning
import Entropy
import HealthTests
import LinuxSystem
import Logging
import NoiseSources
import WellspringTesting

@testable import Daemon

/// A pool and the runners on it, stopped at the end of the test.
final class Bench {
    let pool: Pool
    private var runners: [SourceRunner] = []

    /// `capacity` in bytes. Two minimum sources and one source: gathers without end.
    init(capacity: Int = 4096, lowMark: Double = 0.25, minimumSources: Int = 1) throws {
        pool = try makePool(capacity: capacity, lowMark: lowMark, minimumSources: minimumSources)
    }

    deinit { stop() }

    /// Credit is 2 bits per sample: 288 samples for a block.
    func run(
        _ script: [ScriptedSource.Step],
        name: String = "scripted",
        seed: UInt64 = 1,
        cpuShare: Double = 1,
        openError: NoiseSourceError? = nil,
        rests: Bool = true
    ) throws -> SourceRunner {
        var descriptor = ScriptedSource.standard
        descriptor.name = name
        let source = ScriptedSource(
            script: script,
            descriptor: descriptor,
            seed: seed,
            openError: openError
        )
        let runner = try SourceRunner(
            rests ? source : RestlessSource(source),
            alreadyOpen: false,
            safetyFactor: 0.5,
            cpuShare: cpuShare,
            pool: pool,
            logger: quietLogger
        )
        runners.append(runner)
        return runner
    }

    func status(_ runner: SourceRunner) -> StatusReport.Source {
        runner.status(pool.facts, now: SystemClock.now)
    }

    /// Waits until a runner's status is as wished; the last status in any case.
    @discardableResult
    func wait(
        _ runner: SourceRunner,
        _ condition: (StatusReport.Source) -> Bool
    ) -> (holds: Bool, status: StatusReport.Source) {
        let holds = eventually { condition(status(runner)) }
        return (holds, status(runner))
    }

    /// Takes up to `count` bytes and returns them.
    func take(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let taken = bytes.withUnsafeMutableBytes { pool.take(into: $0) }
        return Array(bytes[..<taken])
    }

    func stop() {
        for runner in runners { runner.stop() }
        runners = []
    }
}

/// A scripted source that is read also while nobody needs samples.
private final class RestlessSource: NoiseSource {
    static let standard = ScriptedSource.standard
    static let defaultCPUShare = 1.0
    static let restsWithPool = false
    private let source: ScriptedSource

    static func availability(_ settings: NoiseSourceSettings) -> Availability {
        .available(note: nil)
    }

    init(_ source: ScriptedSource) { self.source = source }
    convenience init(_ settings: NoiseSourceSettings) { self.init(ScriptedSource(settings)) }

    var descriptor: NoiseSourceDescriptor { source.descriptor }
    var objection: String? { source.objection }
    func open() throws(NoiseSourceError) { try source.open() }
    func close() { source.close() }

    func sample(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32
    ) throws(NoiseSourceError) -> Int {
        try source.sample(into: buffer, wake: wake)
    }
}

struct BadSetting: Error {}

func makePool(
    capacity: Int = 4096,
    lowMark: Double = 0.25,
    minimumSources: Int = 1
) throws -> Pool {
    guard let reservoir = Reservoir(capacity: capacity, lowMark: lowMark),
        let pool = EntropyPool(
            sources: [],
            minimumSources: minimumSources,
            reservoir: reservoir
        )
    else { throw BadSetting() }
    return Pool(pool)
}

let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
