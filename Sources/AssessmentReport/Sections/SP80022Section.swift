// The section on SP 800-22 of a report, for many streams or for one.
// SPDX-License-Identifier: Apache-2.0

package import StatisticalTests

extension ReportDocument.Section {
    /// One line per test; of a test with many P-values the worst is named.
    package static func sp80022(_ summary: SP80022Summary) -> Self {
        let table = ReportDocument.Table(
            columns: [
                .init("Test"), .init("Uniformity", isNumber: true),
                .init("Passed", isNumber: true), .init("Needed", isNumber: true),
                .init("Outside", isNumber: true), .init("Worst or reason"),
            ],
            rows: SP80022Test.allCases.compactMap { test in
                row(of: summary.rows.filter { $0.test == test }, summary)
            }
        )
        var blocks: [ReportDocument.Block] = [
            .paragraph(sentence(summary)), .facts(facts(summary)), .table(table),
        ]
        if summary.verdict != .notApplicable { blocks.append(.figure(histogram(summary))) }
        return Self("SP 800-22 statistical tests", blocks)
    }

    /// One line per test; of a test with many P-values the smallest is shown.
    package static func sp80022(_ stream: SP80022StreamResult) -> Self {
        let table = ReportDocument.Table(
            columns: [
                .init("Test"), .init("P-value", isNumber: true),
                .init("Below 0.01", isNumber: true), .init("Smallest or reason"),
            ],
            rows: stream.entries.map { row(of: $0, stream.parameters) }
        )
        return Self(
            "SP 800-22 statistical tests",
            [
                .paragraph(
                    "P-values of one stream of \(stream.bitCount) bits. Of ideal data, one in a "
                        + "hundred is below 0.01; a verdict needs more streams."
                ),
                .facts(facts(stream.parameters)), .table(table),
            ]
        )
    }
}

private typealias Table = ReportDocument.Table

private func sentence(_ summary: SP80022Summary) -> String {
    switch summary.verdict {
    case .notApplicable: "No test applies to these data."
    case .withinLimits: "All P-values are within the limits of SP 800-22."
    case .someOutsideLimits:
        "Some P-values are outside the limits of SP 800-22, none so far that it is rare among as many "
            + "of ideal data. Test other samples of the source."
    case .notRandom:
        "The data are not random: ideal data would give P-values like these in less than 1 % of the "
            + "cases."
    }
}

private func facts(_ summary: SP80022Summary) -> [ReportDocument.Fact] {
    let uniformity =
        summary.hasEnoughStreamsForUniformity
        ? "\(summary.uniformitiesOutside) below 0.0001"
        : "not judged: fewer than the 55 streams that it needs"
    return [
        .init("Streams", "\(summary.streamCount) of \(summary.bitCount) bits"),
        .init(
            "Proportions outside their limits",
            "\(summary.proportionsOutside) (ideal data: "
                + "\(NumberText.fixed(summary.expectedProportionsOutside, decimals: 1)) on average)"
        ),
        .init("Uniformity of P-values", uniformity),
    ] + facts(summary.parameters)
}

private func facts(_ parameters: SP80022Parameters) -> [ReportDocument.Fact] {
    [
        .init(
            "Lengths in bits",
            "block frequency \(parameters.blockFrequencyLength), templates "
                + "\(parameters.templateLength), overlapping template "
                + "\(parameters.overlappingTemplateLength), approximate entropy "
                + "\(parameters.approximateEntropyLength), serial \(parameters.serialLength), "
                + "linear complexity \(parameters.linearComplexityLength)"
        )
    ]
}

/// The line of one test: the values are those of the row with the smallest share of passes and, among
/// equals, with the smallest uniformity.
private func row(of rows: [SP80022SummaryRow], _ summary: SP80022Summary) -> Table.Row? {
    let worst = rows.min { a, b in
        let (left, right) = (a.passes * b.streamsCounted, b.passes * a.streamsCounted)
        return (left, a.uniformity ?? 1) < (right, b.uniformity ?? 1)
    }
    guard let worst else { return nil }
    guard worst.exclusion == nil else {
        return Table.Row([worst.test.rawValue, "", "", "", "", worst.exclusion ?? ""])
    }
    let judgesUniformity = summary.hasEnoughStreamsForUniformity
    let outside = rows.count {
        !$0.isProportionAccepted || judgesUniformity && !$0.isUniformityAccepted
    }
    return Table.Row(
        [
            worst.test.rawValue,
            judgesUniformity ? NumberText.fixed(worst.uniformity ?? 1, decimals: 6) : "-",
            "\(worst.passes)/\(worst.streamsCounted)", "\(worst.minimumPassCount)",
            "\(outside) of \(rows.count)", worst.subtest ?? "",
        ],
        tone: outside > 0 ? .caution : .neutral
    )
}

private func row(
    of entry: SP80022StreamResult.Entry,
    _ parameters: SP80022Parameters
) -> Table.Row {
    let values = entry.outcome.pValues
    guard let smallest = values.enumerated().min(by: { $0.element < $1.element }) else {
        let reason = entry.outcome.inapplicability?.description ?? ""
        return Table.Row([entry.test.rawValue, "", "", reason])
    }
    let names = entry.test.subtestNames(parameters)
    let below = values.count { $0 < 0.01 }
    return Table.Row(
        [
            entry.test.rawValue, NumberText.fixed(smallest.element, decimals: 6),
            "\(below) of \(values.count)", names.isEmpty ? "" : names[smallest.offset],
        ],
        tone: below > 0 ? .caution : .neutral
    )
}

private func histogram(_ summary: SP80022Summary) -> ReportDocument.Figure {
    let sums = (0..<10).map { bin in
        summary.rows.reduce(0.0) { $0 + Double($1.histogram[bin]) }
    }
    return ReportDocument.Figure(
        title: "P-values of all tests",
        explanation:
            "Ten bars of about equal height are expected. Neighbouring templates see the same "
            + "data, so that their P-values are not independent.",
        plot: .bars(.init(values: sums, xLabel: "P-value, tenths", yLabel: "Number"))
    )
}
