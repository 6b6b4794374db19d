// The claims that Wellspring ships are what the profiles in docs/evidence say.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import Foundation
import NoiseSources
import Testing

@testable import Daemon

@Suite struct ShippedClaimsTests {
    private static let evidence = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/evidence")

    @Test(
        "a shipped claim is its profile's, by value, date and hash",
        arguments: [JitterSource.self, HavegeSource.self, SleepSource.self]
            as [any NoiseSource.Type]
    )
    func profile(kind: any NoiseSource.Type) throws {
        let name = kind.standard.name
        let text = try Data(contentsOf: Self.evidence.appendingPathComponent("\(name).json"))
        let profile = try JSONDecoder().decode(AssessmentProfile.self, from: text)
        #expect(profile.flaw == nil)
        #expect(profile.source == name)
        #expect(profile.sampleBits == kind.standard.sampleBits)
        #expect(profile.claim(.shipped, text: text) == kind.standard.claim)
        // docs/claims.md: what is credited, half of the claim, is at most a third of every estimate.
        #expect(profile.recordings.count == 3)
        for recording in profile.recordings {
            #expect(kind.standard.claim.minEntropy.value / 2 <= recording.minEntropy / 3)
        }
    }
}
