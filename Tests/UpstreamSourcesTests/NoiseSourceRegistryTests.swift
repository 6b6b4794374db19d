// Tests of what holds for every noise source.
// SPDX-License-Identifier: Apache-2.0

import CWellspring
import Entropy
import Glibc
import NoiseSources
import Testing
import UpstreamSources
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
