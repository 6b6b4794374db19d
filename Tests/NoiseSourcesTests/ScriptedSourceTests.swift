// Tests of the source that plays a script for other tests.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import NoiseSources
import Testing
import WellspringTesting

struct ScriptedSourceTests {
    @Test("a script is played in order and ends")
    func script() throws {
        let failure = NoiseSourceError(.inputOutput, source: "scripted", "a failure")
        let source = ScriptedSource(script: [
            .samples([1, 2, 3]), .constant(9, count: 2), .noise(count: 3), .fail(failure), .flood,
        ])
        #expect(try source.samples(upTo: 2) == [1, 2])
        #expect(try source.samples(upTo: 5) == [3])
        #expect(try source.samples(upTo: 5) == [9, 9])
        #expect(try source.samples(upTo: 5).count == 3)
        #expect(throws: failure) { try source.samples(upTo: 5) }
        #expect(try source.samples(upTo: 5000).count == 5000)
        let over = ScriptedSource(script: [])
        let error = #expect(throws: NoiseSourceError.self) { try over.samples(upTo: 1) }
        #expect(error?.code == .endOfData)
    }

    @Test("a blocked script is left when woken")
    func block() throws {
        let source = ScriptedSource(script: [.block])
        #expect(try source.samplesWhenWoken(upTo: 5).isEmpty)
    }

    @Test("the same seed gives the same noise, within the descriptor's width")
    func noise() throws {
        var descriptor = ScriptedSource.standard
        descriptor.sampleBits = 3
        let (a, b, c) = (
            ScriptedSource(script: [.flood], descriptor: descriptor, seed: 7),
            ScriptedSource(script: [.flood], descriptor: descriptor, seed: 7),
            ScriptedSource(script: [.flood], descriptor: descriptor, seed: 8)
        )
        let samples = try a.samples(upTo: 100)
        #expect(try b.samples(upTo: 100) == samples)
        #expect(try c.samples(upTo: 100) != samples)
        #expect(Set(samples) == Set(0..<8))
    }
}
