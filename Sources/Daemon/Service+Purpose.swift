// What a service is run for, and how its run ends.
// SPDX-License-Identifier: Apache-2.0

extension Service {
    /// What a service is for.
    package enum Purpose: Sendable {
        /// Everything that its configuration names; its file can be read again.
        case daemon
        /// Feeding the kernel: there is no file, and without a feeder there is no use.
        case feeding
    }

    /// Why ``run()`` returned.
    package enum Ending: Sendable, Equatable {
        /// A signal came, or a successor took over.
        case inOrder
        /// Only with the purpose `feeding`.
        case feederGone(reason: String, isPermission: Bool)
    }
}
