// Errors of the entropy assessment (SP 800-90B): input that cannot be assessed at all.
// SPDX-License-Identifier: Apache-2.0

/// Why a sample cannot be assessed. An estimator that cannot run is not an error: see `Estimate`.
package struct AssessmentError: Error, Sendable, Equatable {
    /// What is wrong with the input.
    package enum Code: Sendable, Equatable {
        /// There are no symbols.
        case emptyInput
        /// All symbols are equal; the reference tool awards no entropy and computes nothing.
        case constantData(value: UInt8)
        /// A symbol does not fit in the stated number of bits.
        case symbolTooWide(bitsNeeded: Int, bitsPerSymbol: Int)
        /// The stated number of bits per symbol is outside 1...8.
        case invalidWidth(bitsPerSymbol: Int)
        /// The bit string would be longer than the 32-bit suffix indices and counters allow.
        case tooManyBits(count: Int, limit: Int)
        /// Restart data are not 1,000 x 1,000 samples.
        case notARestartMatrix(count: Int)
    }

    package let code: Code

    package init(_ code: Code) {
        self.code = code
    }
}

extension AssessmentError: CustomStringConvertible {
    package var description: String {
        switch code {
        case .emptyInput:
            "The input holds no symbols. Give at least 1,000,000 for a meaningful estimate."
        case .constantData(let value):
            "All symbols have the value \(value): no entropy. Check that the noise source runs."
        case .symbolTooWide(let needed, let given):
            "A symbol needs \(needed) bits, but the width given is \(given). Mask the symbols or "
                + "give the true width."
        case .invalidWidth(let given):
            "The width of \(given) bits per symbol is not supported. Choose 1 to 8."
        case .tooManyBits(let count, let limit):
            "The input has \(count) bits, more than the \(limit) that fit. Assess a part of it."
        case .notARestartMatrix(let count):
            "Restart data are 1,000 samples after each of 1,000 restarts, 1,000,000 in all, but "
                + "there are \(count). Record them with wellspring capture --restarts."
        }
    }
}
