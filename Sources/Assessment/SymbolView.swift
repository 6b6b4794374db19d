// A borrowed sequence of symbols, as the estimators of SP 800-90B, section 6.3, see it.
// SPDX-License-Identifier: Apache-2.0

/// Symbols 0..<alphabetSize in borrowed memory. Valid only inside the closure that received it.
package struct SymbolView: @unchecked Sendable {
    // Unchecked: the memory is only read while it is lent.
    package let base: UnsafePointer<UInt8>
    /// Number of symbols, at least 1.
    package let count: Int
    /// Number of distinct symbols, 2...256.
    package let alphabetSize: Int

    package init(base: UnsafePointer<UInt8>, count: Int, alphabetSize: Int) {
        self.base = base
        self.count = count
        self.alphabetSize = alphabetSize
    }

    package var isBinary: Bool { alphabetSize == 2 }
}
