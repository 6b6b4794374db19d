package enum KernelRandomClass: String, Sendable { case blockingPool, watermark, selfSeeding
    package var summary: String { "" } }
package struct KernelRandomState: Sendable, Equatable {
    package var release: String?
    package var poolSize: Int?
    package var entropyAvailable: Int?
    package var writeWakeupThreshold: Int?
    package var kernelClass: KernelRandomClass?
    package var isSeeded: Bool?
    package var hardwareGenerator = HardwareGenerator()
    package var hasVirtioGenerator = false
    package var hasVMGenerationID = false
    package var virtualisation = Virtualisation.none
    package var processorGenerators: Set<ProcessorGenerator> = []
    package var clockSource: String?
    package init() {}
    package struct HardwareGenerator: Sendable, Equatable {
        package var available: [String] = []
        package var current: String?
        package var quality: Int?
    }
    package enum Virtualisation: Sendable, Equatable { case none; case hypervisor(name: String?) }
    package enum ProcessorGenerator: String, Sendable, CaseIterable { case rdrand, rdseed, rndr }
    package var clockIsTSC: Bool { clockSource == "tsc" }
    package var need: String { "" }
    package static func read(root: String = "", isSeeded: Bool? = true) -> KernelRandomState { .init() }
}
