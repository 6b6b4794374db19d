// Tests of the contrast of a report's colours (WCAG 2.2, success criteria 1.4.3 and 1.4.11).
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport
import Testing

@Suite("Colour scheme")
struct ColourSchemeTests {
    @Test("is readable at level AA, light and dark", arguments: [ColourScheme.light, .dark])
    func contrast(scheme: ColourScheme) {
        for background in [scheme.page, scheme.panel] {
            for text in [scheme.ink, scheme.muted, scheme.accent] {
                #expect(text.contrast(with: background) >= 4.5)
            }
        }
        for pair in [scheme.good, scheme.caution, scheme.bad] {
            for background in [scheme.page, pair.tint] {
                #expect(pair.text.contrast(with: background) >= 4.5)
                #expect(scheme.ink.contrast(with: background) >= 4.5)
            }
        }
        // Lines of a plot on the page and on the band.
        #expect(scheme.accent.contrast(with: scheme.band) >= 3)
        #expect(scheme.ink.contrast(with: scheme.accent) >= 1.5)
    }

    @Test("knows the contrast of black and white")
    func extremes() {
        #expect(abs(Colour(0).contrast(with: Colour(0xFFFFFF)) - 21) < 1e-9)
        #expect(Colour(0x777777).contrast(with: Colour(0x777777)) == 1)
        #expect(Colour(0x0A00FF).css == "#0a00ff")
    }
}
