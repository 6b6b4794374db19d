// swift-tools-version: 6.2
// Wellspring's targets: arrows only point downwards, and the build checks it.
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
    name: "wellspring",
    targets: [
        // Ground
        .target(name: "CWellspring"),
        .target(name: "Entropy", dependencies: ["CWellspring"]),

        // Input and output
        .target(name: "KernelRandom", dependencies: ["CWellspring", "Entropy"]),

        // The feeder: its parts, and the program, whose C start file only it may link
        .target(name: "Feeder", dependencies: ["CWellspring", "Entropy", "KernelRandom"]),
        .target(name: "CFeederStart"),
        .executableTarget(
            name: "wellspring-feeder",
            dependencies: ["CFeederStart", "Feeder"],
            // Fully static: half the memory, and no loader or library that could ask getrandom.
            linkerSettings: [.unsafeFlags(["-static-executable"])]),

        .testTarget(
            name: "KernelRandomTests", dependencies: ["CWellspring", "Entropy", "KernelRandom"]),
        .testTarget(name: "FeederTests", dependencies: ["CWellspring", "Entropy", "Feeder", "KernelRandom"]),
    ]
)

/// Upcoming language features, with their proposals: SE-0335, SE-0444, SE-0409, SE-0461.
let cTargets = ["CWellspring", "CFeederStart"]
for target in package.targets where !cTargets.contains(target.name) {
    target.swiftSettings = (target.swiftSettings ?? []) + [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
