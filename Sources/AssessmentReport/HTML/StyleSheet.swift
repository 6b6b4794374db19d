// The style sheet of a report: light and dark, screen, phone and paper.
// SPDX-License-Identifier: Apache-2.0

enum StyleSheet {
    /// Light on paper whatever the screen prefers; the title heads every printed page.
    static func css(title: String) -> String {
        """
        :root { color-scheme: light dark; \(ColourScheme.light.css) }
        @media screen and (prefers-color-scheme: dark) {
        :root { \(ColourScheme.dark.css) }
        .heat { filter: invert(1) hue-rotate(180deg); mix-blend-mode: screen; }
        }
        \(page)
        \(verdict)
        \(blocks)
        \(plots)
        @media (max-width: 40rem) { \(phone) }
        @media print { \(paper) }
        @page { margin: 20mm 16mm 18mm;
        @top-left { content: \(HTMLText.cssString(title)); font: 8pt sans-serif; color: #526070; }
        @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif;
        color: #526070; } }
        """
    }

    private static let page = """
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 68rem; padding: 2.5rem 1.5rem 4rem;
        background: var(--page); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system,
        "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif;
        font-variant-numeric: tabular-nums lining-nums;
        overflow-wrap: break-word; -webkit-text-size-adjust: 100%; }
        h1 { margin: 0 0 1.25rem; font-size: 1.5rem; line-height: 1.25; font-weight: 650; }
        h2 { margin: 3rem 0 1rem; padding-bottom: .4rem; border-bottom: 1px solid var(--rule);
        font-size: 1.25rem; line-height: 1.3; font-weight: 650; }
        h3 { margin: 0 0 .5rem; font-size: 1rem; font-weight: 650; }
        main p { max-width: 44rem; margin: 0 0 1rem; }
        a { color: var(--accent); text-underline-offset: .2em; }
        nav ol { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 1.5rem 0 0; padding: 0;
        list-style: none; font-size: .9375rem; }
        footer { margin-top: 3rem; color: var(--muted); font-size: .875rem; }
        footer h2 { margin: 0 0 .75rem; font-size: 1rem; color: var(--ink); }
        footer p { max-width: 52rem; margin: 0 0 .5rem; }
        .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden;
        clip-path: inset(50%); white-space: nowrap; }
        """

    private static let verdict = """
        .good { --tone: var(--good); --tint: var(--good-tint); }
        .caution { --tone: var(--caution); --tint: var(--caution-tint); }
        .bad { --tone: var(--bad); --tint: var(--bad-tint); }
        .neutral { --tone: var(--accent); --tint: var(--panel); }
        .verdict { display: flex; gap: 1.25rem; padding: 1.5rem 1.75rem; background: var(--tint);
        border: 1px solid var(--tone); border-left-width: .5rem; border-radius: .375rem; }
        .verdict .icon { flex: none; width: 2.5rem; height: 2.5rem; margin-top: .25rem; }
        .icon .shape { fill: var(--tone); }
        .icon .mark { fill: none; stroke: var(--tint); stroke-width: 3.2; stroke-linecap: round;
        stroke-linejoin: round; }
        .verdict p { margin: 0; }
        .verdict .tone { color: var(--tone); font-weight: 650; font-size: .9375rem; }
        .verdict .words { max-width: 52rem; font-size: 1.5rem; line-height: 1.35;
        font-weight: 550; }
        .warnings { margin-top: 1.25rem; padding: 1rem 1.75rem; background: var(--panel);
        border-radius: .375rem; }
        .warnings h2 { margin: 0 0 .4rem; padding: 0; border: 0; font-size: 1rem; }
        .warnings ul { margin: 0; padding-left: 1.2rem; max-width: 52rem; }
        .warnings li { margin: .2rem 0; }
        """

    private static let blocks = """
        dl { margin: 0 0 1.5rem; font-size: .9375rem; }
        dl div { display: grid; grid-template-columns: minmax(9rem, 15rem) 1fr; gap: 0 1.5rem;
        padding: .35rem 0; border-bottom: 1px solid var(--grid); }
        dt { color: var(--muted); }
        dd { margin: 0; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; margin: 0 0 1.5rem; }
        .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        table { border-collapse: collapse; font-size: .9375rem; line-height: 1.4; }
        caption { padding: 0 0 .5rem; text-align: left; color: var(--muted); }
        th, td { padding: .4rem 1.25rem .4rem .6rem; text-align: left; vertical-align: top;
        font-weight: 400; }
        thead th { border-bottom: 2px solid var(--rule); font-weight: 650; vertical-align: bottom; }
        tbody tr { border-bottom: 1px solid var(--grid); }
        tbody th { min-width: 7rem; }
        .number { text-align: right; white-space: nowrap; }
        tbody tr.good .mark { color: var(--tone); }
        tbody tr.caution, tbody tr.bad { background: var(--tint); }
        tbody tr.caution :is(th, td), tbody tr.bad :is(th, td) { font-weight: 650; }
        tr > :first-child { border-left: .25rem solid transparent; }
        tbody tr.caution > :first-child, tbody tr.bad > :first-child {
        border-left-color: var(--tone); }
        tbody tr .mark { padding-right: .75rem; white-space: nowrap; }
        tbody tr.caution .mark, tbody tr.bad .mark { color: var(--tone); }
        """

    private static let plots = """
        .figures { display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(27rem, 100%), 1fr));
        gap: 2.25rem 2.5rem; margin: 0 0 1.5rem; align-items: start; }
        figure { margin: 0; min-width: 0; }
        .plot { display: block; width: 100%; height: auto; }
        figcaption { margin-top: .5rem; color: var(--muted); font-size: .875rem;
        line-height: 1.45; }
        .plot text { fill: var(--muted); font-size: 12.5px; }
        .plot .title { fill: var(--ink); }
        .plot path { fill: none; vector-effect: non-scaling-stroke; }
        .grid { stroke: var(--grid); }
        .tick { stroke: var(--rule); }
        .border { fill: none; stroke: var(--rule); vector-effect: non-scaling-stroke; }
        .band { fill: var(--band); }
        .plot .bars { fill: var(--accent); }
        .line { stroke: var(--accent); stroke-width: 1.4; stroke-linejoin: round;
        stroke-linecap: round; }
        .halo { stroke: var(--page); stroke-width: 3; opacity: .7; }
        .reference { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 5 4; }
        .heat { image-rendering: pixelated; }
        """

    private static let phone = """
        body { padding: 1.25rem 1rem 3rem; }
        .verdict { flex-direction: column; gap: .75rem; padding: 1.1rem 1.1rem; }
        .verdict .icon { width: 2rem; height: 2rem; }
        .verdict .words { font-size: 1.25rem; }
        .warnings { padding: .9rem 1.1rem; }
        dl div { grid-template-columns: 1fr; }
        th, td { padding-right: .8rem; }
        .plot text { font-size: 15px; }
        """

    /// Backgrounds carry meaning here, so that they are printed.
    private static let paper = """
        :root { color-scheme: light; font-size: 10pt; }
        body { max-width: none; padding: 0; print-color-adjust: exact;
        -webkit-print-color-adjust: exact; }
        nav { display: none; }
        h2 { margin-top: 1.8rem; }
        h1, h2, h3, caption { break-after: avoid; }
        .verdict .words { font-size: 13.5pt; }
        .verdict, .warnings, figure, tr, dl div, li { break-inside: avoid; }
        table.short { break-inside: avoid; }
        thead { display: table-header-group; }
        main p, footer p, .warnings ul { max-width: none; }
        p { orphans: 3; widows: 3; }
        dl, table { font-size: 9pt; } figcaption, footer { font-size: 8.5pt; }
        .scroll { overflow: visible; }
        .figures { grid-template-columns: 1fr 1fr; gap: 1.25rem 1.5rem; }
        .plot { max-height: 74mm; }
        .plot text { font-size: 15px; }
        """
}
