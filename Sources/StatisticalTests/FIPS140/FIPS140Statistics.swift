// Sums over the blocks that the tests of FIPS 140-2, section 4.9.1, judged.
// SPDX-License-Identifier: Apache-2.0

/// How many blocks of 20,000 bits passed, and how many failed which test.
package struct FIPS140Statistics: Sendable, Equatable, Encodable {
    /// Blocks that passed all tests.
    package private(set) var successes = 0
    /// Blocks that failed one test or more.
    package private(set) var failures = 0
    package private(set) var monobitFailures = 0
    package private(set) var pokerFailures = 0
    package private(set) var runsFailures = 0
    package private(set) var longRunFailures = 0
    package private(set) var continuousRunFailures = 0

    package init() {}

    /// Blocks tested.
    package var blocks: Int { successes + failures }

    /// Counts one block.
    package mutating func add(_ block: FIPS140Failures) {
        guard !block.isEmpty else {
            successes &+= 1
            return
        }
        failures &+= 1
        if block.contains(.monobit) { monobitFailures &+= 1 }
        if block.contains(.poker) { pokerFailures &+= 1 }
        if block.contains(.runs) { runsFailures &+= 1 }
        if block.contains(.longRun) { longRunFailures &+= 1 }
        if block.contains(.continuousRun) { continuousRunFailures &+= 1 }
    }

    /// Tests all whole blocks behind the first four bytes; what is left over is not tested.
    package init(of bytes: [UInt8]) {
        var stream = FIPS140Stream()
        bytes.withUnsafeBytes { stream.update($0) }
        self = stream.statistics
    }
}
