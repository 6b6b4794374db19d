// Intermediate values under the names that the reference tool prints (SP 800-90B, section 6.3).
// SPDX-License-Identifier: Apache-2.0

import Assessment

extension NonIIDAssessment {
    /// Every value that the reference tool prints for this sample, by its name there.
    var referenceFields: [String: Double] {
        var fields = literal.referenceFields(track: "Literal")
        fields["H_original"] = literalMinEntropy
        fields["Assessed min entropy"] = assessedMinEntropy
        if let bitString, let entropy = bitStringMinEntropy {
            fields.merge(bitString.referenceFields(track: "Bitstring")) { first, _ in first }
            fields["Number of Binary Symbols"] = Double(symbolCount * bitsPerSymbol)
            fields["H_bitstring"] = entropy
            fields["H_bitstring Per Symbol"] = entropy * Double(bitsPerSymbol)
        }
        return fields
    }
}

extension EstimatorResults {
    fileprivate func referenceFields(track: String) -> [String: Double] {
        let groups: [(name: String, fields: [String: Double]?)] = [
            ("Most Common Value", mostCommonValue.value?.referenceFields),
            ("Collision", collision.value?.referenceFields),
            ("Markov", markov.value?.referenceFields),
            ("Compression", compression.value?.referenceFields),
            ("t-Tuple", tuple.value?.referenceFields),
            ("LRS", longestRepeatedSubstring.value?.referenceFields),
            ("MultiMCW Prediction", multiMCW.value?.referenceFields),
            ("Lag Prediction", lag.value?.referenceFields),
            ("MultiMMC Prediction", multiMMC.value?.referenceFields),
            ("LZ78Y Prediction", lz78y.value?.referenceFields),
        ]
        var all: [String: Double] = [:]
        for (name, fields) in groups {
            for (field, value) in fields ?? [:] {
                all["\(track) \(name) Estimate: \(field)"] = value
            }
        }
        return all
    }
}

extension MostCommonValueEstimate {
    fileprivate var referenceFields: [String: Double] {
        [
            "Mode count": Double(modeCount), "p-hat": frequency, "p_u": upperBound,
            "min entropy": minEntropy,
        ]
    }
}

extension CollisionEstimate {
    fileprivate var referenceFields: [String: Double] {
        [
            "v": Double(collisionCount), "Sum t_i": Double(distanceSum), "X-bar": mean,
            "sigma-hat": deviation, "X-bar'": lowerBound, "p": probability,
            "min entropy": minEntropy,
        ]
    }
}

extension MarkovEstimate {
    fileprivate var referenceFields: [String: Double] {
        [
            "P_0": zero, "P_1": one, "P_{0,0}": zeroToZero, "P_{0,1}": zeroToOne,
            "P_{1,0}": oneToZero, "P_{1,1}": oneToOne, "p-hat_max": sequenceProbability,
            "min entropy": minEntropy,
        ]
    }
}

extension CompressionEstimate {
    fileprivate var referenceFields: [String: Double] {
        [
            "X-bar": mean, "sigma-hat": deviation, "X-bar'": lowerBound, "p": probability,
            "min entropy": minEntropy,
        ]
    }
}

extension TupleEstimate {
    fileprivate var referenceFields: [String: Double] {
        [
            "t": Double(longestTuple), "p-hat_max": frequency, "p_u": upperBound,
            "min entropy": minEntropy,
        ]
    }
}

extension LongestRepeatedSubstringEstimate {
    fileprivate var referenceFields: [String: Double] {
        [
            "u": Double(shortest), "v": Double(longest), "p-hat": frequency, "p_u": upperBound,
            "min entropy": minEntropy,
        ]
    }
}

extension PredictionEstimate {
    fileprivate var referenceFields: [String: Double] {
        var fields = [
            "C": Double(correct), "r": Double(runLength), "N": Double(predictions),
            "P_global": globalRate, "P_global'": globalBound, "min entropy": minEntropy,
        ]
        fields["P_local"] = localRate
        return fields
    }
}
