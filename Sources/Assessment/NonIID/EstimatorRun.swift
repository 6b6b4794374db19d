// The ten estimators as parts of work that may be done at the same time.
// SPDX-License-Identifier: Apache-2.0

/// A run over one sequence: first do ``parts``, in any order and on any threads, then take ``results``.
/// The sequence must stay in memory until the parts are done.
struct EstimatorRun {
    let parts: [WorkSharing.Part]
    private let counting = Slot<Counting>()
    private let repeats = Slot<Repeats>()
    private let multiMCW = Slot<Estimate<PredictionEstimate>>()
    private let lag = Slot<Estimate<PredictionEstimate>>()
    private let multiMMC = Slot<Estimate<PredictionEstimate>>()
    private let lz78y = Slot<Estimate<PredictionEstimate>>()

    /// The estimators that take one pass and no memory to speak of.
    private struct Counting: Sendable {
        let mostCommonValue: Estimate<MostCommonValueEstimate>
        let collision: Estimate<CollisionEstimate>
        let markov: Estimate<MarkovEstimate>
        let compression: Estimate<CompressionEstimate>
    }

    /// The estimators that share the counts of all tuples.
    private struct Repeats: Sendable {
        let tuple: Estimate<TupleEstimate>
        let longest: Estimate<LongestRepeatedSubstringEstimate>
    }

    init(_ symbols: SymbolView, following reference: Reference) {
        let (counting, repeats) = (counting, repeats)
        let (multiMCW, lag, multiMMC, lz78y) = (multiMCW, lag, multiMMC, lz78y)
        let costs = symbols.isBinary ? EstimatorCosts.bits : EstimatorCosts.symbols
        let count = Double(symbols.count)
        parts = [
            WorkSharing.Part(cost: costs.counting * count) {
                counting.fill(
                    Counting(
                        mostCommonValue: MostCommonValueEstimate.estimate(
                            symbols,
                            following: reference
                        ),
                        collision: CollisionEstimate.estimate(symbols, following: reference),
                        markov: MarkovEstimate.estimate(symbols),
                        compression: CompressionEstimate.estimate(symbols, following: reference)
                    )
                )
            },
            WorkSharing.Part(cost: costs.repeats * count) {
                let statistics = RepeatStatistics(symbols)
                repeats.fill(
                    Repeats(
                        tuple: TupleEstimate.estimate(statistics, following: reference),
                        longest: LongestRepeatedSubstringEstimate.estimate(
                            statistics,
                            following: reference
                        )
                    )
                )
            },
            WorkSharing.Part(cost: costs.multiMCW * count) {
                multiMCW.fill(MultiMCWPredictor.estimate(symbols, following: reference))
            },
            WorkSharing.Part(cost: costs.lag * count) {
                lag.fill(LagPredictor.estimate(symbols, following: reference))
            },
            WorkSharing.Part(cost: costs.multiMMC * count) {
                multiMMC.fill(MultiMMCPredictor.estimate(symbols, following: reference))
            },
            WorkSharing.Part(cost: costs.lz78y * count) {
                lz78y.fill(LZ78YPredictor.estimate(symbols, following: reference))
            },
        ]
    }

    /// What the parts found. All of them must have been done.
    var results: EstimatorResults {
        let (counting, repeats) = (counting.take(), repeats.take())
        return EstimatorResults(
            mostCommonValue: counting.mostCommonValue,
            collision: counting.collision,
            markov: counting.markov,
            compression: counting.compression,
            tuple: repeats.tuple,
            longestRepeatedSubstring: repeats.longest,
            multiMCW: multiMCW.take(),
            lag: lag.take(),
            multiMMC: multiMMC.take(),
            lz78y: lz78y.take()
        )
    }
}

/// Nanoseconds per symbol, measured with a million random symbols of 8 bits and of 1 bit on a processor
/// of 2024; only their proportions matter.
private struct EstimatorCosts {
    let counting, repeats, multiMCW, lag, multiMMC, lz78y: Double

    static let symbols = EstimatorCosts(
        counting: 1,
        repeats: 45,
        multiMCW: 30,
        lag: 10,
        multiMMC: 190,
        lz78y: 50
    )
    static let bits = EstimatorCosts(
        counting: 10,
        repeats: 25,
        multiMCW: 6,
        lag: 8,
        multiMMC: 30,
        lz78y: 6
    )
}
