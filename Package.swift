// swift-tools-version: 6.2
// Wellspring's targets: arrows only point downwards, and the build checks it.
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
    name: "wellspring",
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2")
    ],
    targets: [
        // Ground
        .target(name: "CWellspring"),
        .target(name: "Entropy", dependencies: ["CWellspring"]),

        // Pure
        .target(name: "Conditioning", dependencies: ["Entropy"]),
        .target(
            name: "RandomBitGenerator",
            dependencies: [
                "Entropy", "CWellspring",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ]),

        .testTarget(
            name: "ConditioningTests", dependencies: ["Conditioning", "Entropy"],
            resources: [.copy("Vectors")]),
        .testTarget(
            name: "RandomBitGeneratorTests",
            dependencies: [
                "RandomBitGenerator", "CWellspring",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            exclude: ["Vectors/make.c", "Vectors/README.md"],
            resources: [.copy("Vectors/cavp.json"), .copy("Vectors/ctr_drbg.json")]),
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
