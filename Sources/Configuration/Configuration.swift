// What an operator decides about Wellspring: the typed form of /etc/wellspring/wellspring.yaml.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// A whole configuration; every value in it is possible. Without a file it holds the defaults.
package struct Configuration: Sendable, Equatable {
    /// Who the daemon becomes when it was started as root; nil: `wellspring` if present, else
    /// `nobody`. Names are resolved where they are used.
    package var user: AccountName?
    /// Group of the sockets; nil: `wellspring` if present, else the group of the user.
    package var group: AccountName?
    package var log = Log()
    package var reservoir = Reservoir()
    package var credit = Credit()
    package var drbg = DRBG()
    package var server = Server()
    package var sources = Sources.available
    /// In the order of the file.
    package var listeners: [Listener]
    package var control: Control
    package var feeder = Feeder()
    /// Where this process keeps sockets and state; not a key of the file.
    package let directories: RuntimeDirectories

    /// The values of an empty file.
    package static func `default`(for directories: RuntimeDirectories) -> Configuration {
        Configuration(
            listeners: [.fullEntropy(in: directories), .drbg(in: directories)],
            control: Control(path: directories.run.appending("control.sock")),
            directories: directories
        )
    }

    package struct Log: Sendable, Equatable {
        package var level = LogLevel.info
    }

    package struct Reservoir: Sendable, Equatable {
        /// A multiple of 64 bytes, the size of a block.
        package var size = ByteSize(64 << 10)
        package var lowMark = Fraction(0.25)!
    }

    package struct Credit: Sendable, Equatable {
        package var safetyFactor = Fraction(0.5)!
        package var minimumSources = 1
        /// Half of full entropy: a writer that knows better says so, one that knows less claims less.
        package var writeClaim = BitsPerSample(4)!
    }

    package struct Server: Sendable, Equatable {
        /// Nil: as the machine suggests.
        package var threads: Int?
    }

    package struct DRBG: Sendable, Equatable {
        package var reseedInterval = Duration.seconds(60)
        package var reseedBytes = ByteSize(64 << 20)
    }

    package struct Control: Sendable, Equatable {
        package var path: AbsolutePath
        package var mode = FileMode(0o660)!
    }

    package struct Feeder: Sendable, Equatable {
        package var enabled = Enabled.auto
        package var interval = Duration.seconds(60)
        package var block = ByteSize(64)
        package var credit = Credit.assessed

        package enum Enabled: String, Sendable, Equatable, CaseIterable {
            /// When the process may feed and a full-entropy listener exists to take blocks from.
            case auto, yes, no
        }

        package enum Credit: Sendable, Equatable {
            case assessed
            case none
            /// Bits per byte, 0...8.
            case bitsPerByte(BitsPerSample)
        }
    }

    package enum Sources: Sendable, Equatable {
        /// No key `sources`: the CPU sources, hwrng and kernel, as far as this machine has them.
        case available
        /// The sources of the file, in its order.
        case listed([Source])
    }
}

/// The levels of swift-log, least important first.
package enum LogLevel: String, Sendable, Equatable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}
