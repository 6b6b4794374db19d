// The word that somebody probably meant.
// SPDX-License-Identifier: Apache-2.0

/// The first of `words` with the least edit distance to `text`, if it is close: at most a third of
/// the word's letters (rounded up) differ.
func nearest(to text: String, of words: [String]) -> String? {
    // Longer text than this is no slip of the pen.
    guard text.unicodeScalars.count <= 32 else { return nil }
    return
        words
        .map { (word: $0, distance: editDistance(text, $0)) }
        .filter { $0.distance <= ($0.word.count + 2) / 3 }
        .min { $0.distance < $1.distance }?
        .word
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b` (optimal
/// string alignment).
func editDistance(_ a: String, _ b: String) -> Int {
    let a = Array(a.unicodeScalars)
    let b = Array(b.unicodeScalars)
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var distance = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                distance = min(distance, beforeLast[j - 1] + 1)
            }
            row.append(distance)
        }
        beforeLast = last
        last = row
    }
    return last[b.count]
}
