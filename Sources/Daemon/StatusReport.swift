// What the daemon says about itself: one value, shown alike by `status`, its JSON and the control socket.
// SPDX-License-Identifier: Apache-2.0

/// A snapshot of facts. Holds no entropy byte. Durations are seconds, entropy is bits.
package struct StatusReport: Codable, Sendable, Equatable {
    package var version: String
    package var processID: Int32
    package var user: String
    package var uptimeSeconds: Double
    package var cpuSeconds: Double
    package var kernel: Kernel
    package var sources: [Source]
    package var reservoir: Reservoir
    package var drbg: Generator
    package var listeners: [Listener]
    package var memory: Memory
    /// Sentences for the operator: what is wrong now.
    package var warnings: [String]

    package struct Kernel: Codable, Sendable, Equatable {
        /// Behaviour class of this kernel's generator, by what it does and not by its version.
        package var generation: String
        package var release: String
        package var ready: Bool
        package var entropyAvailable: Int?
        package var poolSize: Int?
        /// `feeding`, `serving only`, or why the feeder is not there.
        package var feeder: String
        package var feeds: Int
        package var creditedBits: Int
        package var secondsSinceFeed: Double?
    }

    package struct Source: Codable, Sendable, Equatable {
        package var name: String
        /// unavailable, idle, starting, healthy, degraded, failed, retired.
        package var state: String
        package var reason: String?
        package var samples: UInt64
        package var sampleBits: Int
        package var claimedBitsPerSample: Double
        package var claimOrigin: String
        /// The assessment behind an assessed claim.
        package var assessment: Assessment?
        /// Why a stored assessment of this source is not used.
        package var unusedAssessment: String?
        package var creditedBitsPerSample: Double
        package var creditedBits: Double
        /// Credited bits per second of this source's own running time.
        package var creditedBitsPerSecond: Double
        package var cpuSeconds: Double
        /// Not asked for samples now, since the reservoir is full.
        package var resting: Bool
        /// Failures so far by test, intermittent and permanent.
        package var failures: [Failure]
        package var startUps: UInt64
        package var lastFailure: String?
        /// How long the source has been asked for samples without giving any.
        package var silentSeconds: Double?
        /// Of a source that reads from other machines.
        package var upstream: Upstream?
        /// Of a source that speaks with a device.
        package var device: Device?
    }

    package struct Device: Codable, Sendable, Equatable {
        /// Where the conversation stands, in words.
        package var state: String
        package var place: String?
        package var serial: String?
        /// Why nothing of it is credited now.
        package var objection: String?
        /// The same of a device that has just begun.
        package var settling: String?
        package var statistics: [String: Statistic]
    }

    /// A number or a word, which are just that in JSON.
    package enum Statistic: Codable, Sendable, Equatable {
        case count(UInt64)
        case number(Double)
        case text(String)
    }

    package struct Assessment: Codable, Sendable, Equatable {
        /// `shipped` or `this machine`.
        package var origin: String
        /// Day, UTC.
        package var date: String
        /// Of the profile.
        package var sha256: String
    }

    package struct Upstream: Codable, Sendable, Equatable {
        /// The one that is connected; nil while none is.
        package var endpoint: String?
        /// This node and those that the entropy comes through, nearest first; nil when the upstream
        /// does not say.
        package var path: [String]?
        /// How often another upstream took over.
        package var failOvers: Int
        package var bytes: Int
        /// What went wrong with an upstream last, until bytes come; a circle stays until it is mended.
        package var trouble: String?
    }

    package struct Failure: Codable, Sendable, Equatable {
        package var test: String
        package var intermittent: UInt64
        package var permanent: UInt64
    }

    package struct Reservoir: Codable, Sendable, Equatable {
        package var levelBytes: Int
        package var capacityBytes: Int
        package var blocksDrawn: UInt64
        package var deliveredBytes: UInt64
        package var gathering: Bool
        package var minimumSources: Int
    }

    package struct Generator: Codable, Sendable, Equatable {
        package var seeded: Bool
        package var reseeds: UInt64
        package var generatedBytes: UInt64
    }

    package struct Listener: Codable, Sendable, Equatable {
        package var name: String
        /// The socket's path, or its address with the port that the system chose.
        package var path: String
        package var quality: String
        /// Connections now.
        package var clients: Int
        package var waitingClients: Int
        /// Of those who wait now.
        package var longestWaitSeconds: Double
        /// Of all so far.
        package var longestPastWaitSeconds: Double
        package var connections: UInt64
        /// Turned away, since too many were there.
        package var refused: UInt64
        /// Turned away, since they may not connect here.
        package var foreign: UInt64
        /// Closed, since they did not take their replies.
        package var evicted: UInt64
        package var requests: UInt64
        package var deliveredBytes: UInt64
        package var lostBytes: UInt64
        /// Reads that had to wait for bytes.
        package var waits: UInt64
        /// Times that a rate made somebody wait.
        package var throttles: UInt64
        package var protocolErrors: UInt64
        /// Nodes turned away, since this daemon's entropy comes from them.
        package var circles: UInt64
        /// Bytes of trusted writers that went through the health tests.
        package var contributedBytes: UInt64
        /// Those connected and the latest that left, most bytes first; at most ``mostAccounts``.
        package var accounts: [Client]

        package static let mostAccounts = 200
    }

    package struct Client: Codable, Sendable, Equatable {
        /// A user, a process or a host.
        package var name: String
        /// The Wellspring node that it said it is.
        package var node: String?
        package var connections: Int
        package var waiting: Int
        package var requests: UInt64
        package var deliveredBytes: UInt64
        package var lostBytes: UInt64
        package var waits: UInt64
        package var longestWaitSeconds: Double
        package var throttles: UInt64
        package var refused: UInt64
    }

    package struct Memory: Codable, Sendable, Equatable {
        package var secretBytes: Int
        package var refusedLocks: Int
    }
}

extension StatusReport.Source {
    /// A configured source that cannot be opened on this machine.
    static func unavailable(_ name: String, reason: String) -> Self {
        Self(
            name: name,
            state: "unavailable",
            reason: reason,
            samples: 0,
            sampleBits: 8,
            claimedBitsPerSample: 0,
            claimOrigin: "none",
            creditedBitsPerSample: 0,
            creditedBits: 0,
            creditedBitsPerSecond: 0,
            cpuSeconds: 0,
            resting: true,
            failures: [],
            startUps: 0
        )
    }
}
