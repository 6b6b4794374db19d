// Stored assessments: which one decides a source's credit, and why another does not.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import Entropy
import Glibc
import LinuxSystem
import Testing
import WellspringTesting

@testable import Daemon

@Suite struct ProfileStoreTests {
    private let folder = TemporaryDirectory()
    private static let machine = MachineFacts(
        kernel: "6.1",
        architecture: "x86_64",
        processor: "Test processor",
        processors: 2,
        isVirtual: false,
        loadAverage: [0, 0, 0]
    )

    private static func profile(_ change: (inout AssessmentProfile) -> Void = { _ in })
        -> AssessmentProfile
    {
        func evidence(_ minEntropy: Double) -> AssessmentProfile.Evidence {
            AssessmentProfile.Evidence(
                name: "idle.bin",
                sha256: String(repeating: "0", count: 64),
                sampleCount: 1_000_000,
                recorded: "2026-11-27T00:00:00Z",
                loadAverage: [0, 0, 0],
                minEntropy: minEntropy,
                weakest: "LRS"
            )
        }
        var profile = AssessmentProfile(
            version: "0.1.0",
            created: "2026-11-27T01:02:03Z",
            source: "jitter",
            kind: "jitter",
            sampleBits: 8,
            settings: [:],
            machine: machine,
            claim: 1.86,
            track: "non-IID",
            reference: "nist-tool",
            recordings: [evidence(1.861), evidence(2.5)],
            restart: evidence(1.9)
        )
        change(&profile)
        return profile
    }

    private func store(_ profile: AssessmentProfile) throws -> ProfileStore {
        let text = String(decoding: try profile.encoded(), as: UTF8.self)
        folder.write(text, to: "jitter.json")
        return ProfileStore(folder: folder.path, machine: Self.machine)
    }

    private let jitter = Source(name: "jitter", type: .jitter)

    @Test("a profile of this source on this machine gives its claim, with date and hash")
    func used() throws {
        let store = try store(Self.profile())
        guard case .claim(let claim) = store.find(jitter, sampleBits: 8),
            case .assessed(let stamp) = claim.origin
        else {
            Issue.record("not used: \(store.find(jitter, sampleBits: 8))")
            return
        }
        #expect(claim.minEntropy.value == 1.86)
        #expect(stamp.origin == .thisMachine)
        #expect(stamp.date == "2026-11-27")
        #expect(stamp.hash.count == 64)
    }

    @Test("without a file there is nothing to use and nothing to say")
    func none() {
        let store = ProfileStore(folder: folder.path, machine: Self.machine)
        #expect(store.find(jitter, sampleBits: 8) == .none)
    }

    private static let misfits: [(String, @Sendable (inout AssessmentProfile) -> Void)] = [
        ("bit", { $0.claim = 1.9 }), ("bit", { $0.claim = 0 }), ("bit", { $0.claim = 9 }),
        ("fewer", { $0.recordings[1].sampleCount = 999_999 }),
        ("fewer", { $0.restart.sampleCount = 1_000 }), ("no recording", { $0.recordings = [] }),
        ("format", { $0.format = "wellspring-profile-2" }),
        ("another machine", { $0.machine.processor = "Other" }),
        ("another machine", { $0.machine.isVirtual = true }),
        ("another path", { $0.settings["path"] = "/dev/x" }),
        ("kind havege", { $0.kind = "havege" }), ("of havege", { $0.source = "havege" }),
        ("4 bits", { $0.sampleBits = 4 }),
    ]

    @Test(
        "a profile that does not fit is left aside with its reason",
        arguments: misfits
    )
    func unused(reason: String, change: @Sendable (inout AssessmentProfile) -> Void) throws {
        let store = try store(Self.profile(change))
        guard case .unused(let text, _) = store.find(jitter, sampleBits: 8) else {
            Issue.record("a profile with a wrong \(reason) was used")
            return
        }
        #expect(text.contains(reason), "\(text)")
    }

    @Test("what others could have written, and what is no profile, is never used")
    func untrusted() throws {
        let store = try store(Self.profile())
        chmod(folder.file("jitter.json"), 0o666)
        guard case .unused(let text, _) = store.find(jitter, sampleBits: 8) else {
            Issue.record("a file that everybody may write to was used")
            return
        }
        #expect(text.contains("others may write"))
        chmod(folder.file("jitter.json"), 0o644)
        for garbage in ["", "{}", "[1]", "\u{0}", #"{"format":"wellspring-profile-1"}"#] {
            folder.write(garbage, to: "jitter.json")
            guard case .unused = store.find(jitter, sampleBits: 8) else {
                Issue.record("\(garbage) was used")
                continue
            }
        }
        unlink(folder.file("jitter.json"))
        symlink("/dev/zero", folder.file("jitter.json"))
        guard case .unused = store.find(jitter, sampleBits: 8) else {
            Issue.record("a link was followed")
            return
        }
    }

    @Test("the daemon's sources take their claim from it, unless the operator states one")
    func sourceSet() throws {
        let pool = try makePool()
        let store = try store(Self.profile())
        let set = SourceSet(pool: pool, logger: quietLogger, profiles: store)
        defer { set.stop() }
        set.apply([jitter], safetyFactor: 0.5)
        var status = set.status(pool.facts, now: SystemClock.now)[0]
        #expect(status.claimedBitsPerSample == 1.86)
        #expect(status.creditedBitsPerSample <= 0.93 && status.creditedBitsPerSample > 0.9299)
        #expect(status.assessment?.origin == "this machine")

        var stated = jitter
        stated.claim = BitsPerSample(0.25)
        set.apply([stated], safetyFactor: 0.5)
        status = set.status(pool.facts, now: SystemClock.now)[0]
        #expect(status.claimedBitsPerSample == 0.25)
        #expect(status.assessment == nil)

        // A reload sees a profile that has come, gone or changed.
        set.apply([jitter], safetyFactor: 0.5)
        folder.write("{}", to: "jitter.json")
        set.apply([jitter], safetyFactor: 0.5)
        status = set.status(pool.facts, now: SystemClock.now)[0]
        #expect(status.claimedBitsPerSample == 1)
        #expect(status.assessment?.origin == "shipped")
        #expect(status.unusedAssessment?.contains("not a profile") == true)
    }

    @Test("a spoiled profile leaves the claim where it was, or lower")
    func limit() throws {
        let store = try store(
            Self.profile {
                $0.claim = 0.5
                $0.machine.processor = "Other"
            }
        )
        let pool = try makePool()
        let set = SourceSet(pool: pool, logger: quietLogger, profiles: store)
        defer { set.stop() }
        set.apply([jitter], safetyFactor: 0.5)
        let status = set.status(pool.facts, now: SystemClock.now)[0]
        #expect(status.claimedBitsPerSample == 0.5)
        #expect(status.unusedAssessment != nil)
    }

    @Test("conditioned output is never credited by a profile")
    func conditioned() throws {
        folder.write(
            String(
                decoding: try Self.profile {
                    $0.source = "cpu"
                    $0.kind = "cpu"
                }.encoded(),
                as: UTF8.self
            ),
            to: "cpu.json"
        )
        let pool = try makePool()
        let set = SourceSet(
            pool: pool,
            logger: quietLogger,
            profiles: ProfileStore(folder: folder.path, machine: Self.machine)
        )
        defer { set.stop() }
        set.apply([Source(name: "cpu", type: .cpu)], safetyFactor: 0.5)
        let status = set.status(pool.facts, now: SystemClock.now)[0]
        #expect(status.assessment == nil)
        #expect(status.claimedBitsPerSample <= 0.5)
    }
}
