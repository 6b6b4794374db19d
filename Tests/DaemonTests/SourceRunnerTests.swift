// One noise source at work, with every fault that a source can have.
// SPDX-License-Identifier: Apache-2.0

import Conditioning
import Entropy
import HealthTests
import LinuxSystem
import NoiseSources
import Testing
import WellspringTesting

@testable import Daemon

@Suite(.serialized) struct SourceRunnerTests {
    private let gone = NoiseSourceError(
        .deviceGone,
        source: "scripted",
        "the stick was pulled out",
        hint: "Plug it in again."
    )

    @Test("a good source fills the reservoir and then rests")
    func good() throws {
        let bench = try Bench()
        let runner = try bench.run([.flood])
        let (holds, status) = bench.wait(runner) { $0.resting }
        #expect(holds)
        #expect(status.state == "healthy")
        #expect(status.reason == nil)
        #expect(status.creditedBitsPerSample == 2)
        #expect(status.silentSeconds == nil)
        #expect(bench.pool.level == 4096)
        #expect(!bench.pool.isGathering)
    }

    @Test("while the reservoir is full no sample is taken; below the low mark they come again")
    func rests() throws {
        let bench = try Bench(capacity: 4096, lowMark: 0.5)
        let runner = try bench.run([.flood])
        let first = bench.wait(runner) { $0.resting }.status
        // Down to the low mark and no further: still resting.
        #expect(bench.take(2048).count == 2048)
        #expect(!bench.pool.isGathering)
        let resting = bench.status(runner)
        #expect(resting.resting)
        #expect(resting.samples == first.samples)
        // One byte more wakes it, and the reservoir is full again.
        #expect(bench.take(1).count == 1)
        let (holds, again) = bench.wait(runner) { $0.resting && $0.samples > first.samples }
        #expect(holds)
        #expect(again.startUps == 1)
        #expect(bench.pool.level > 4096 - 64)
    }

    @Test("a source that blocks for ever holds up neither the others nor its own end")
    func blocks() throws {
        // Two minimum sources of which one gives: gathering never ends.
        let bench = try Bench(minimumSources: 2)
        let blocked = try bench.run([.block], name: "blocked")
        let other = try bench.run([.flood], name: "other")
        #expect(bench.wait(blocked) { $0.silentSeconds ?? 0 > 0.02 }.holds)
        #expect(bench.wait(other) { $0.samples > 50_000 }.holds)
        let status = bench.status(blocked)
        #expect(status.samples == 0)
        #expect(status.state == "starting")
        #expect(bench.status(other).silentSeconds ?? 0 < 1)
        let start = SystemClock.now
        bench.stop()
        #expect(SystemClock.now - start < .seconds(1))
    }

    @Test("a blocked source does not keep the reservoir from being filled by others")
    func othersFill() throws {
        let bench = try Bench()
        let blocked = try bench.run([.block], name: "blocked")
        let other = try bench.run([.flood], name: "other")
        #expect(bench.wait(other) { $0.resting }.holds)
        // Then it rests, too, and is not called silent.
        let (holds, status) = bench.wait(blocked) { $0.resting }
        #expect(holds)
        #expect(status.silentSeconds == nil)
    }

    @Test(
        "an error of the device is told, what it gave last is not credited, and it is tried again"
    )
    func errors() throws {
        let bench = try Bench()
        // Start-up test, two windows that count, and 300 samples that nobody vouches for.
        let runner = try bench.run([.noise(count: 1024 + 1024 + 300), .fail(gone), .flood])
        let (holds, failed) = bench.wait(runner) { $0.state == "failed" }
        #expect(holds)
        #expect(failed.reason == gone.description)
        #expect(failed.creditedBits == 2048)
        #expect(failed.failures.allSatisfy { $0.intermittent + $0.permanent == 0 })
        // The first back-off is a second; then it comes back.
        let (returns, status) = bench.wait(runner) { $0.state == "healthy" }
        #expect(returns)
        #expect(status.reason == nil)
        #expect(status.startUps == 2)
    }

    @Test("a source that cannot be opened says why and is tried again later")
    func cannotOpen() throws {
        let bench = try Bench()
        let error = NoiseSourceError(.notPermitted, source: "scripted", "cannot open it")
        let runner = try bench.run([.flood], openError: error)
        let (holds, status) = bench.wait(runner) { $0.state == "failed" }
        #expect(holds)
        #expect(status.reason == error.description)
        #expect(status.samples == 0)
        #expect(runner.canEarn)
        // The second attempt, a second later, fails as well.
        #expect(bench.wait(runner) { $0.startUps == 2 }.holds)
        let start = SystemClock.now
        bench.stop()
        #expect(SystemClock.now - start < .seconds(1))
    }

    @Test("a source that cannot be opened is tried again as soon as devices come or go")
    func devicesChange() throws {
        let bench = try Bench()
        let error = NoiseSourceError(.unavailable, source: "scripted", "it is not plugged in")
        let runner = try bench.run([.flood], openError: error)
        let start = SystemClock.now
        for attempt in 1...6 {
            #expect(
                bench.wait(runner) { $0.startUps == attempt && $0.state == "failed" }.holds
            )
            runner.noteDevices()
        }
        // By themselves six attempts take 1 + 2 + 4 + 8 + 16 s.
        #expect(SystemClock.now - start < .seconds(20))
    }

    @Test(
        "a source that turns constant is retired with the test named, and nothing of it is credited"
    )
    func constant() throws {
        let bench = try Bench()
        let runner = try bench.run([.noise(count: 1024 + 1024 + 300), .constant(7, count: .max)])
        let (holds, status) = bench.wait(runner) { $0.state == "retired" }
        #expect(holds)
        #expect(status.creditedBits == 2048)
        #expect(status.lastFailure?.contains("repetition count test") == true)
        #expect(status.reason?.contains("permanent failure") == true)
        #expect(
            status.failures.contains { $0.test == "repetition count test" && $0.permanent == 1 }
        )
        #expect(runner.isRetired)
        #expect(!runner.canEarn)
    }

    @Test("a constant source never counts, not even at its start")
    func constantFromTheStart() throws {
        let bench = try Bench()
        let runner = try bench.run([.constant(0, count: .max)])
        let (holds, status) = bench.wait(runner) { $0.state == "retired" }
        #expect(holds)
        #expect(status.creditedBits == 0)
        #expect(bench.pool.level == 0)
    }

    @Test("a retired source comes back only when the operator asks for a new test")
    func retest() throws {
        let bench = try Bench()
        // As long as it takes to be retired: the repetition count test's permanent limit is below 32.
        let runner = try bench.run([
            .noise(count: 2048), .constant(7, count: 512), .flood,
        ])
        #expect(bench.wait(runner) { $0.state == "retired" }.holds)
        runner.retest()
        let (holds, status) = bench.wait(runner) { $0.state == "healthy" }
        #expect(holds)
        #expect(status.reason == nil)
        #expect(runner.canEarn)
    }

    @Test("a flood stays within the source's share of a processor, and the pool within its size")
    func flood() throws {
        let bench = try Bench(minimumSources: 2)
        let runner = try bench.run([.flood], cpuShare: 0.05)
        let start = SystemClock.now
        #expect(bench.wait(runner) { _ in SystemClock.now - start > .milliseconds(600) }.holds)
        let status = bench.status(runner)
        let passed = (SystemClock.now - start).seconds
        #expect(status.cpuSeconds > 0)
        // The share, what may be saved up, and one batch on a slow machine.
        #expect(status.cpuSeconds < 0.05 * passed + 0.05 * 0.1 + 0.02)
        let facts = bench.pool.facts
        // One of two sources: its half of a block counts, the rest is forgone.
        #expect(facts.level == 0)
        #expect(facts.sources[0].bitsCredited.count == 288)
        #expect(facts.sources[0].bitsForgone.count > 0)
    }

    @Test("two minimum sources: one alone gives no block, two give blocks")
    func minimumSources() throws {
        let bench = try Bench(minimumSources: 2)
        let first = try bench.run([.flood], name: "first")
        #expect(bench.wait(first) { $0.samples > 20_000 }.holds)
        #expect(bench.pool.level == 0)
        #expect(bench.pool.facts.blocksDrawn == 0)
        let second = try bench.run([.flood], name: "second", seed: 2)
        #expect(bench.wait(second) { $0.resting }.holds)
        #expect(bench.pool.level == 4096)
    }

    @Test("no more bytes leave than credit stands behind")
    func conservation() throws {
        let bench = try Bench(capacity: 4096)
        for index in 0..<3 {
            _ = try bench.run([.flood], name: "flood-\(index)", seed: UInt64(index))
        }
        var taken = 0
        let enough = eventually {
            taken += bench.take(1000).count
            return taken > 50_000
        }
        #expect(enough)
        let facts = bench.pool.facts
        let credited = facts.sources.reduce(0) { $0 + $1.bitsCredited.count }
        #expect(facts.bytesTaken == UInt64(taken))
        // 576 bits for 64 bytes.
        #expect(Double(taken + facts.level) <= 64 * credited / 576)
        #expect(Int(facts.blocksDrawn) * 64 == taken + facts.level)
        for account in facts.sources {
            #expect(account.bitsCredited.count <= 2 * Double(account.samplesCredited))
            #expect(account.samplesCredited + 1024 <= account.samplesSeen)
        }
    }

    @Test("what was taken is never given again")
    func once() throws {
        let bench = try Bench()
        _ = try bench.run([.flood])
        var pieces: Set<[UInt8]> = []
        var count = 0
        while count < 1000 {
            let piece = bench.take(16)
            guard !piece.isEmpty else { continue }
            // Blocks of 64 bytes: a piece is never short.
            #expect(piece.count == 16)
            count += 1
            pieces.insert(piece)
        }
        #expect(pieces.count == count)
    }

    @Test("a stopped source's place is free for the next one, with a new account")
    func place() throws {
        let bench = try Bench()
        let first = try bench.run([.flood], name: "first")
        #expect(bench.wait(first) { $0.resting }.holds)
        bench.stop()
        let second = try bench.run([.block], name: "second")
        #expect(bench.pool.facts.sources.map(\.name) == ["second"])
        #expect(bench.status(second).creditedBits == 0)
    }

    // MARK: Objections

    @Test("a source that objects to its own samples earns nothing, though every health test passes")
    func objection() throws {
        let bench = try Bench()
        let runner = try bench.run([.object("too hot"), .flood])
        let (holds, status) = bench.wait(runner) { $0.samples > 50_000 }
        #expect(holds)
        #expect(status.state == "healthy")
        #expect(status.creditedBits == 0)
        #expect(status.failures.allSatisfy { $0.intermittent + $0.permanent == 0 })
        #expect(bench.pool.level == 0)
        // It is not given up: the objection may end.
        #expect(runner.canEarn)
    }

    @Test(
        "an objection takes back what nobody had vouched for; credit comes again with later samples only"
    )
    func objectionEnds() throws {
        let bench = try Bench()
        // Start-up test, two windows that count, and 300 samples that wait; doubted ones that end 100
        // samples into a window; then 412 to its end, a whole one, and 100 that wait.
        let runner = try bench.run([
            .noise(count: 2348), .object("too hot"), .noise(count: 4408), .object(nil),
            .noise(count: 1024), .block,
        ])
        let (holds, status) = bench.wait(runner) { $0.samples == 2348 + 4408 + 1024 }
        #expect(holds)
        #expect(status.state == "healthy")
        #expect(bench.pool.facts.sources[0].samplesCredited == 1024 + 412 + 512)
    }

    @Test("an objection in the midst of a flood leaves the account as it was")
    func objectionLater() throws {
        let bench = try Bench(minimumSources: 2)
        let runner = try bench.run([
            .noise(count: 2048), .object("it says that it is broken"), .flood,
        ])
        #expect(bench.wait(runner) { $0.samples > 20_000 }.holds)
        #expect(bench.pool.facts.sources[0].samplesCredited == 1024)
    }

    // MARK: Rest and nudges

    @Test("a source that does not rest is sampled while the reservoir is full, and stays credited")
    func restless() throws {
        let bench = try Bench()
        let runner = try bench.run([.flood], rests: false)
        #expect(eventually { !bench.pool.isGathering })
        let full = bench.status(runner).samples
        let (holds, status) = bench.wait(runner) { $0.samples > full + 20_000 }
        #expect(holds)
        #expect(!status.resting)
        #expect(status.state == "healthy")
        #expect(bench.pool.level == 4096)
        #expect(bench.take(4096).count == 4096)
        #expect(eventually { bench.pool.level == 4096 })
    }

    @Test("a device that dies while nobody needs samples is noticed if its source does not rest")
    func restlessFailure() throws {
        let bench = try Bench()
        let runner = try bench.run([.noise(count: 100_000), .fail(gone), .block], rests: false)
        #expect(eventually { !bench.pool.isGathering })
        let (holds, status) = bench.wait(runner) { $0.state == "failed" }
        #expect(holds)
        #expect(status.reason == gone.description)
    }

    @Test("a nudge makes a source that failed try again at once")
    func nudge() throws {
        let bench = try Bench()
        let failures = [ScriptedSource.Step](repeating: .fail(gone), count: 3)
        let runner = try bench.run(failures + [.flood])
        #expect(bench.wait(runner) { $0.state == "failed" }.holds)
        // Back-offs of a second, two and four: with nudges it takes no time.
        let start = SystemClock.now
        for startUp in 2...4 as ClosedRange<UInt64> {
            runner.nudge()
            #expect(
                bench.wait(runner) { $0.startUps >= startUp && $0.state != "starting" }.holds
            )
        }
        #expect(bench.wait(runner) { $0.state == "healthy" }.holds)
        #expect(SystemClock.now - start < .seconds(1))
    }

    @Test("a nudge interrupts a wait for the device, and harms nothing")
    func nudgeWaiting() throws {
        let bench = try Bench()
        let runner = try bench.run([.noise(count: 1024 + 512), .block])
        #expect(bench.wait(runner) { $0.samples == 1536 }.holds)
        let before = bench.status(runner)
        for _ in 0..<3 { runner.nudge() }
        let (holds, status) = bench.wait(runner) { $0.silentSeconds != nil }
        #expect(holds)
        #expect(status.state == "healthy")
        #expect(status.startUps == before.startUps)
        #expect(status.creditedBits == before.creditedBits)
    }

    @Test("a nudge leaves a retired source alone")
    func nudgeRetired() throws {
        let bench = try Bench()
        let runner = try bench.run([.constant(7, count: 512), .flood])
        #expect(bench.wait(runner) { $0.state == "retired" }.holds)
        let before = bench.status(runner)
        runner.nudge()
        // The thread has looked at it.
        let (holds, status) = bench.wait(runner) { $0.cpuSeconds > before.cpuSeconds }
        #expect(holds)
        #expect(status.state == "retired")
        #expect(status.samples == before.samples)
        #expect(status.startUps == before.startUps)
        runner.retest()
        #expect(bench.wait(runner) { $0.state == "healthy" }.holds)
    }
}
