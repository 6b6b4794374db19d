// Reports to render.
// SPDX-License-Identifier: Apache-2.0

import AssessmentReport

enum SampleDocument {
    /// One block of each kind.
    static let full = ReportDocument(
        title: "Assessment of <jitter>",
        verdict: "This source supports at most 0.41 bit per 8-bit sample.",
        tone: .caution,
        warnings: ["One device at one temperature; another device can be worse."],
        sections: [
            .init(
                "Estimates",
                [
                    .paragraph("Ten estimators; the smallest counts."), .table(table),
                    .facts([
                        .init("File", "a & \"b\".bin"), .init("Samples", "1,000,000"),
                        .init("A command", "wellspring assess --source jitter"),
                    ]),
                ]
            ),
            .init("Figures", plots.map { .figure(figure($0)) }),
            .init("Nothing", []),
        ],
        remarks: ["Passing tests do not prove unpredictability."]
    )

    /// Rows of all tones, with too few and too many cells.
    static let table = ReportDocument.Table(
        caption: "Min-entropy by estimator",
        columns: [
            .init("Estimator"), .init("Symbols", isNumber: true), .init("Bits", isNumber: true),
        ],
        rows: [
            .init(["Most common", "2.8034", "0.7261"]),
            .init(["Compression", "", "0.0513"], tone: .caution, note: "weakest"),
            .init(["Runs", "1", "12.0000"], tone: .bad),
            .init(["Frequency"], tone: .good),
            .init(["Extra", "a", "b", "c"]),
        ]
    )

    /// Plots of ordinary data, of none, and of numbers that are none.
    static let plots: [Plot] = [
        .bars(
            .init(values: [3, 0, 5], xLabel: "value", yLabel: "count", reference: .init(2, "even"))
        ),
        .bars(.init(values: [], xLabel: "", yLabel: "")),
        .bars(.init(values: [.nan, .infinity, -1e308, 1e308], xLabel: "x", yLabel: "y")),
        .bars(.init(values: (0..<5_000).map { Double($0 % 7) }, xLabel: "x", yLabel: "y")),
        .line(
            .init(values: (0..<9_000).map(Double.init), xLabel: "x", yLabel: "y"),
            first: 0,
            step: 0.5,
            band: -1...1
        ),
        .line(.init(values: [], xLabel: "x", yLabel: "y"), first: .nan, step: .nan, band: nil),
        .line(
            .init(
                values: [1, .nan, 1, .infinity],
                xLabel: "x",
                yLabel: "y",
                yRange: 0...Double.infinity,
                reference: .init(.nan, "none")
            ),
            first: .infinity,
            step: 1e308,
            band: -Double.infinity...Double.infinity
        ),
        .heatMap(
            .init(
                columns: 3,
                rows: 2,
                intensities: [0, 0.5, 1, .nan, .infinity, -1],
                xLabel: "x",
                yLabel: "y",
                xSpan: .init(.nan, 1),
                ySpan: .init(5, 1),
                scale: .init("share", low: "0", high: "1")
            )
        ),
        .heatMap(
            .init(
                columns: 1,
                rows: 2,
                intensities: [0, 1],
                xLabel: "x",
                yLabel: "y",
                rowLabels: ["a", "b", "c"]
            )
        ),
        .heatMap(.init(columns: 0, rows: 0, intensities: [], xLabel: "x", yLabel: "y")),
    ]

    static func figure(_ plot: Plot) -> ReportDocument.Figure {
        ReportDocument.Figure(title: "A figure", explanation: "What it shows.", plot: plot)
    }

    /// Text that would like to be something else, wherever text can stand.
    static let hostile = ReportDocument(
        title: evil,
        verdict: evil,
        tone: .bad,
        warnings: [evil],
        sections: [
            .init(
                evil,
                [
                    .paragraph(evil), .facts([.init(evil, evil)]),
                    .table(
                        .init(
                            caption: evil,
                            columns: [.init(evil)],
                            rows: [.init([evil], tone: .bad, note: evil)]
                        )
                    ),
                    .figure(
                        .init(
                            title: evil,
                            explanation: evil,
                            plot: .bars(
                                .init(
                                    values: [1],
                                    xLabel: evil,
                                    yLabel: evil,
                                    reference: .init(1, evil)
                                )
                            )
                        )
                    ),
                    .figure(
                        .init(
                            title: evil,
                            explanation: evil,
                            plot: .heatMap(
                                .init(
                                    columns: 1,
                                    rows: 1,
                                    intensities: [1],
                                    xLabel: evil,
                                    yLabel: evil,
                                    rowLabels: [evil],
                                    scale: .init(evil, low: evil, high: evil)
                                )
                            )
                        )
                    ),
                ]
            )
        ],
        remarks: [evil]
    )

    static let evil =
        "</style></title><script>alert('1')</script>\"onload=\"x&amp;"
        + "\u{1B}]0;t\u{7}\u{0}\u{202E}]]>\u{FFFF}\\"
}
