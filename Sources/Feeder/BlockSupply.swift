// Where the feeder's blocks come from.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// A supply of blocks for the kernel.
package protocol BlockSupply {
    /// Fills the whole buffer with bytes that were delivered to nobody else, and returns the
    /// min-entropy they were assessed at. After an error the buffer may hold parts of a block; its
    /// owner wipes it.
    mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SupplyError) -> Bits
}

/// Why no block came.
package struct SupplyError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// Nobody listens at the upstream socket, or it may not be reached.
        case unreachable
        /// The upstream ended the connection in the middle of a block.
        case closed
        /// No whole block came in time.
        case timedOut
        /// A signal waits to be handled; not a failure.
        case interrupted
        /// A noise source of this process failed its tests.
        case unhealthy
    }

    package var code: Code
    package var description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
