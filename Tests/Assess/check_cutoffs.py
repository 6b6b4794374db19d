# The cut-offs of the health tests (SP 800-90B, section 4.4) against a table made with multiple precision.
# SPDX-License-Identifier: Apache-2.0
from support import side_by_side, vector

ROWS = 216


def check(run):
    rows = vector("HealthTestsTests/Vectors/health_cutoffs.json")

    def ask(pair):
        entropy, alpha = pair
        return pair, run.ask("cutoffs", "-H", entropy, "--alpha", f"2^{alpha}", "--json").json()

    pairs = sorted({(row["H"], row["alpha_log2"]) for row in rows})
    answers = dict(side_by_side(ask, pairs))
    faults = []
    for row in rows:
        answer = answers[row["H"], row["alpha_log2"]]
        window = next((item for item in answer["adaptiveProportion"] if item["window"] == row["W"]), {})
        got = (answer["repetitionCount"], window.get("exact"), window.get("text"))
        wanted = (row["rct"], row["apt_exact"], row["apt_text"])
        if got != wanted:
            faults.append(f"H {row['H']}, alpha 2^{row['alpha_log2']}, W {row['W']}: {got}, expected {wanted}")
    if len(rows) != ROWS:
        faults.append(f"the table has {len(rows)} rows, expected {ROWS}")
    run.claim_none(
        "cutoffs", f"repetition count, adaptive proportion exact and by the text, {ROWS} rows, equal", faults
    )
