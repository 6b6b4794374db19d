// What a source that reads from other machines knows about them, for status.
// SPDX-License-Identifier: Apache-2.0

package import LinuxSystem

/// Facts, without a byte of what came.
package struct UpstreamFacts: Sendable, Equatable {
    /// The one that is connected; nil while none is.
    package var endpoint: StreamEndpoint?
    /// Names of this node and those that the entropy comes through, nearest first; nil when the
    /// upstream does not say.
    package var path: [String]?
    /// How often another upstream took over.
    package var switches = 0
    /// Bytes returned as samples.
    package var byteCount = 0
    /// What went wrong with an upstream last, until bytes come; a circle stays until it is mended.
    package var trouble: String?

    package init() {}
}
