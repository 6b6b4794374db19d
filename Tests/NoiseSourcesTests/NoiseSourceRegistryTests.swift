// Tests of what holds for every noise source.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Entropy
import Glibc
import NoiseSources
import Testing
import WellspringTesting

struct NoiseSourceRegistryTests {
    @Test("names are unique, well-formed and lead back to their source")
    func names() {
        let names = NoiseSourceRegistry.all.map { $0.standard.name }
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") })
            #expect(NoiseSourceRegistry.find(name)?.standard.name == name)
        }
        #expect(NoiseSourceRegistry.find("none") == nil)
    }

    @Test("each source has a summary, a share of a processor and a claim within its width")
    func facts() {
        for source in NoiseSourceRegistry.all {
            #expect(source.standard.summary.hasSuffix("."))
            #expect((0.0001...1).contains(source.defaultCPUShare))
            #expect(source.standard.claim.minEntropy.value <= Double(source.standard.sampleBits))
        }
    }

    @Test("what is not claimed by anyone is zero")
    func unclaimed() {
        for source in NoiseSourceRegistry.all where source.standard.claim.origin == .none {
            #expect(source.standard.claim.minEntropy == .zero)
        }
    }

    @Test("close is harmless before open and twice")
    func close() {
        for kind in NoiseSourceRegistry.all {
            let source = kind.init(NoiseSourceSettings())
            source.close()
            source.close()
        }
    }

    @Test("a source that is available opens, gives samples and leaves no descriptor")
    func available() throws {
        for kind in NoiseSourceRegistry.all {
            guard case .available = kind.availability(NoiseSourceSettings()) else { continue }
            let source = kind.init(NoiseSourceSettings())
            try source.open()
            #expect(try !source.samples(upTo: 16).isEmpty)
            source.close()
        }
    }
}

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
