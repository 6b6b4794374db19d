// What a recording, an assessment or a profile says about the machine it was made on.
// SPDX-License-Identifier: Apache-2.0

/// A machine at one time.
package struct MachineFacts: Sendable, Codable, Equatable {
    /// Release of the kernel.
    package var kernel: String
    package var architecture: String
    /// Name of the processor, `unknown` where nothing tells.
    package var processor: String
    package var processors: Int
    /// Whether it is a virtual machine, as far as it shows.
    package var isVirtual: Bool
    /// Load averages over 1, 5 and 15 minutes.
    package var loadAverage: [Double]

    package init(
        kernel: String,
        architecture: String,
        processor: String,
        processors: Int,
        isVirtual: Bool,
        loadAverage: [Double]
    ) {
        self.kernel = kernel
        self.architecture = architecture
        self.processor = processor
        self.processors = processors
        self.isVirtual = isVirtual
        self.loadAverage = loadAverage
    }

    /// Whether noise assessed on `other` may be expected here: the same processor, and both in a virtual
    /// machine or neither. The load is not compared: a profile is to hold for every load.
    package func isLike(_ other: MachineFacts) -> Bool {
        architecture == other.architecture && processor == other.processor
            && isVirtual == other.isVirtual
    }
}
