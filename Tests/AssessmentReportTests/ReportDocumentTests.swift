// Tests of the report's model.
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport
import Testing

@Suite("Report document")
struct ReportDocumentTests {
    @Test("a heat map has as many intensities as cells")
    func heatMap() {
        let map = Plot.HeatMap(
            columns: 2,
            rows: 1,
            intensities: [0, 1],
            xLabel: "x",
            yLabel: "y"
        )
        #expect(map.intensities.count == map.columns * map.rows)
    }
}
