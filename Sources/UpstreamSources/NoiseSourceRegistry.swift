// The noise sources that Wellspring has, one line each.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy
internal import EntropyKey
package import NoiseSources

/// All kinds of sources, in the order in which people see them.
package enum NoiseSourceRegistry {
    package static let all: [any NoiseSource.Type] = [
        JitterSource.self,
        HavegeSource.self,
        SleepSource.self,
        CPUSource.self,
        HardwareSource.self,
        EntropyKeySource.self,
        StreamSource.self,
        CommandSource.self,
        EGDSource.self,
        KernelSource.self,
    ]

    /// The kind of this name, or nil.
    package static func find(_ name: String) -> (any NoiseSource.Type)? {
        all.first { $0.standard.name == name }
    }
}
