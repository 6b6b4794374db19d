// swift-tools-version: 6.2
// Wellspring's targets: arrows only point downwards, and the build checks it.
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
    name: "wellspring",
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2")
    ],
    targets: [
        // Ground
        .target(name: "CWellspring"),
        .target(name: "Entropy", dependencies: ["CWellspring"]),

        // Top
        .target(
            name: "Configuration",
            dependencies: ["Entropy", .product(name: "Yams", package: "Yams")]),
        .testTarget(name: "ConfigurationTests", dependencies: ["Configuration", "Entropy"]),
    ]
)

/// Upcoming language features, with their proposals: SE-0335, SE-0444, SE-0409, SE-0461.
for target in package.targets where target.type != .system && target.name != "CWellspring" {
    target.swiftSettings = (target.swiftSettings ?? []) + [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
