// swift-tools-version: 6.2
// Wellspring's targets: arrows only point downwards, and the build checks it.
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
    name: "wellspring",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    ],
    targets: [
        // Ground
        .target(name: "CWellspring"),
        .target(name: "Entropy", dependencies: ["CWellspring"]),
        .target(name: "LinuxSystem", dependencies: ["CWellspring"]),

        // Pure rooms: no clock, file, socket, task or logger
        .target(name: "HealthTests", dependencies: ["Entropy"]),
        .target(name: "Conditioning", dependencies: ["Entropy"]),
        .target(name: "EGDProtocol"),
        .target(name: "EntropyKeyProtocol", dependencies: ["Entropy"]),
        .systemLibrary(name: "CDivSufSort", providers: [.apt(["libdivsufsort-dev"])]),
        .systemLibrary(name: "CBZip2", providers: [.apt(["libbz2-dev"])]),
        .target(name: "Assessment", dependencies: ["CBZip2", "CDivSufSort"]),
        .target(name: "CKissFFT"),
        .target(name: "StatisticalTests", dependencies: ["Assessment", "CKissFFT"]),
        .target(
            name: "AssessmentReport",
            dependencies: ["Assessment", "Entropy", "StatisticalTests"]
        ),

        // Rooms with I/O
        // Name resolution cannot be linked into a static program: what the feeder links stays apart
        // from what connects to hosts.
        .target(name: "StreamConnections", dependencies: ["LinuxSystem"]),
        .target(
            name: "EGDService",
            dependencies: [
                "CWellspring", "EGDProtocol", "Entropy", "LinuxSystem", "StreamConnections",
            ]
        ),
        .target(
            name: "EntropyKeyDevice",
            dependencies: ["CWellspring", "EntropyKeyProtocol", "LinuxSystem"]
        ),
        .target(
            name: "NoiseSources",
            dependencies: [
                "CWellspring", "EGDProtocol", "Entropy", "EntropyKeyProtocol", "LinuxSystem",
            ]
        ),
        .target(
            name: "EntropyKey",
            dependencies: [
                "Entropy", "EntropyKeyDevice", "EntropyKeyProtocol", "LinuxSystem",
                "NoiseSources",
            ]
        ),
        .target(
            name: "UpstreamSources",
            dependencies: [
                "EGDProtocol", "Entropy", "EntropyKey", "LinuxSystem", "NoiseSources",
                "StreamConnections",
            ]
        ),

        .target(name: "KernelRandom", dependencies: ["CWellspring", "Entropy", "LinuxSystem"]),

        // Top
        .target(
            name: "RandomBitGenerator",
            dependencies: [
                "CWellspring", "Entropy", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ]
        ),
        .target(
            name: "Configuration",
            dependencies: [
                "Entropy", "EntropyKeyProtocol", "LinuxSystem",
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(
            name: "Daemon",
            dependencies: [
                "CWellspring", "Conditioning", "Configuration", "EGDProtocol", "EGDService",
                "Entropy", "EntropyKeyDevice", "EntropyKeyProtocol", "HealthTests",
                "KernelRandom", "LinuxSystem", "NoiseSources", "RandomBitGenerator",
                "UpstreamSources",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        // As CFeederStart, linked by the program alone: it acts before main.
        .target(name: "CProgramStart"),
        .executableTarget(
            name: "wellspring",
            dependencies: [
                "Assessment", "AssessmentReport", "CProgramStart",
                "StatisticalTests",
                "Conditioning", "Configuration", "Daemon", "EGDService", "Entropy",
                "EntropyKeyDevice", "EntropyKeyProtocol", "HealthTests",
                "KernelRandom", "LinuxSystem", "NoiseSources", "RandomBitGenerator",
                "StreamConnections", "UpstreamSources",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // The feeder: its parts, and the program, whose C start file only it may link
        .target(
            name: "Feeder",
            dependencies: [
                "CWellspring", "Conditioning", "Entropy", "HealthTests", "KernelRandom",
                "LinuxSystem",
                "NoiseSources",
            ]
        ),
        .target(name: "CFeederStart"),
        .executableTarget(
            name: "wellspring-feeder",
            dependencies: ["CFeederStart", "Feeder"],
            // Fully static: half the memory, and no loader or library that could ask getrandom.
            linkerSettings: [.unsafeFlags(["-static-executable"])]
        ),

        // Beside
        // A server over a known stream, for the tests with programs that are not ours
        .executableTarget(
            name: "egd-test-server",
            dependencies: ["EGDService", "LinuxSystem"],
            path: "Tests/Peers/Server"
        ),
        // An Entropy Key in software, for the tests with ekeyd and with the kernel's driver
        .executableTarget(
            name: "entropy-key-emulator",
            dependencies: ["EntropyKeyProtocol", "LinuxSystem", "WellspringTesting"],
            path: "Tests/Peers/KeyEmulator"
        ),
        .target(
            name: "WellspringTesting",
            dependencies: [
                "CWellspring", "EGDProtocol", "Entropy", "EntropyKeyProtocol", "LinuxSystem",
                "NoiseSources",
            ]
        ),
        .testTarget(
            name: "LinuxSystemTests",
            dependencies: ["CWellspring", "LinuxSystem", "WellspringTesting"]
        ),
        .testTarget(
            name: "ConditioningTests",
            dependencies: ["Conditioning", "Entropy"],
            resources: [.copy("Vectors")]
        ),
        .testTarget(
            name: "RandomBitGeneratorTests",
            dependencies: [
                "CWellspring", "RandomBitGenerator",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            exclude: ["Vectors/make.c", "Vectors/README.md"],
            resources: [.copy("Vectors/cavp.json"), .copy("Vectors/ctr_drbg.json")]
        ),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: ["Configuration", "Entropy", "EntropyKeyProtocol", "LinuxSystem"]
        ),
        .testTarget(
            name: "KernelRandomTests",
            dependencies: ["CWellspring", "Entropy", "KernelRandom", "WellspringTesting"]
        ),
        .testTarget(
            name: "FeederTests",
            dependencies: [
                "CWellspring", "Entropy", "Feeder", "KernelRandom", "NoiseSources",
                "WellspringTesting",
            ]
        ),
        .testTarget(
            name: "EntropyKeyDeviceTests",
            dependencies: [
                "CWellspring", "EntropyKeyDevice", "EntropyKeyProtocol", "LinuxSystem",
                "WellspringTesting",
            ]
        ),
        .testTarget(name: "EGDProtocolTests", dependencies: ["EGDProtocol"]),
        .testTarget(
            name: "EntropyKeyProtocolTests",
            dependencies: [
                "Entropy", "EntropyKeyProtocol", "WellspringTesting",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            resources: [.copy("Vectors")]
        ),
        .testTarget(
            name: "EntropyKeyTests",
            dependencies: [
                "Entropy", "EntropyKey", "EntropyKeyDevice", "EntropyKeyProtocol", "HealthTests",
                "LinuxSystem", "NoiseSources", "WellspringTesting",
            ]
        ),
        .testTarget(
            name: "EGDServiceTests",
            dependencies: [
                "CWellspring", "EGDProtocol", "EGDService", "Entropy", "LinuxSystem",
                "WellspringTesting",
            ]
        ),
        .testTarget(
            name: "AssessmentTests",
            dependencies: ["Assessment"],
            resources: [.copy("Vectors")]
        ),
        .testTarget(
            name: "StatisticalTestsTests",
            dependencies: ["Assessment", "StatisticalTests"],
            resources: [.copy("Vectors")]
        ),
        .testTarget(
            name: "AssessmentReportTests",
            dependencies: ["Assessment", "AssessmentReport", "StatisticalTests"]
        ),
        .testTarget(
            name: "HealthTestsTests",
            dependencies: ["Entropy", "HealthTests"],
            resources: [.copy("Vectors")]
        ),
        .testTarget(
            name: "NoiseSourcesTests",
            dependencies: [
                "CWellspring", "Entropy", "LinuxSystem", "NoiseSources", "WellspringTesting",
            ]
        ),
        .testTarget(
            name: "StreamConnectionsTests",
            dependencies: ["LinuxSystem", "StreamConnections", "WellspringTesting"]
        ),
        .testTarget(
            name: "UpstreamSourcesTests",
            dependencies: [
                "CWellspring", "EGDProtocol", "Entropy", "LinuxSystem", "NoiseSources",
                "StreamConnections", "UpstreamSources", "WellspringTesting",
            ]
        ),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "CWellspring", "Conditioning", "Configuration", "Daemon", "EGDProtocol",
                "EGDService", "Entropy", "EntropyKeyProtocol", "HealthTests", "LinuxSystem",
                "NoiseSources", "RandomBitGenerator",
                "UpstreamSources", "WellspringTesting",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "WellspringTests",
            dependencies: [
                "CWellspring", "Configuration", "Daemon", "EGDProtocol", "EGDService", "Entropy",
                "LinuxSystem",
                "WellspringTesting",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
    ]
)

// Fuzz targets need libFuzzer, which gives them their main (make fuzz).
if Context.environment["WELLSPRING_FUZZING"] != nil {
    package.targets += [
        .target(name: "CFuzzing", path: "Fuzzing/CFuzzing"),
        .executableTarget(
            name: "fuzz-egd-codec",
            dependencies: ["CFuzzing", "EGDProtocol"],
            path: "Fuzzing/EGDCodec"
        ),
        .executableTarget(
            name: "fuzz-egd-server",
            dependencies: ["CFuzzing", "CWellspring", "EGDProtocol", "EGDService", "LinuxSystem"],
            path: "Fuzzing/EGDServer"
        ),
        .executableTarget(
            name: "fuzz-entropy-key",
            dependencies: [
                "CFuzzing", "Configuration", "Entropy", "EntropyKeyProtocol", "WellspringTesting",
            ],
            path: "Fuzzing/EntropyKey"
        ),
    ]
}

/// Upcoming language features, with their proposals: SE-0335, SE-0444, SE-0409, SE-0461.
let targetsInC = [
    "CBZip2", "CDivSufSort", "CFeederStart", "CFuzzing", "CKissFFT", "CProgramStart", "CWellspring",
]
for target in package.targets where !targetsInC.contains(target.name) {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        ]
}
