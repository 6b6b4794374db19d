// Every key of the file, section by section.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// The catalogue that reader, reference and reload share. A new key is one line here and one
/// property of the model.
enum Keys {
    static let root: [Key<Configuration>] = [
        Key(
            "user",
            optional: \.user,
            .account("user"),
            default: "wellspring if present, else nobody",
            reload: .restart,
            "who the daemon becomes after it was started as root"
        ),
        Key(
            "group",
            optional: \.group,
            .account("group"),
            default: "wellspring if present, else the user's",
            reload: .restart,
            "group of the sockets"
        ),
    ]

    static let log: [Key<Configuration.Log>] = [
        Key(
            "level",
            \.level,
            .choice,
            reload: .restart,
            "the least important messages that are logged"
        )
    ]

    static let reservoir: [Key<Configuration.Reservoir>] = [
        Key(
            "size",
            \.size,
            .size(ByteSize(4 << 10)...ByteSize(1 << 30), multipleOf: 64),
            reload: .restart,
            "full-entropy bytes kept ready in locked memory"
        ),
        Key(
            "low-mark",
            \.lowMark,
            .fraction(Fraction(0)!...Fraction(1)!),
            reload: .restart,
            "level of the reservoir below which the sources run"
        ),
    ]

    static let credit: [Key<Configuration.Credit>] = [
        Key(
            "safety-factor",
            \.safetyFactor,
            .fraction(Fraction(0.01)!...Fraction(1)!),
            "share of a source's claimed min-entropy that is credited"
        ),
        Key(
            "minimum-sources",
            \.minimumSources,
            .count("sources", in: 1...8),
            reload: .restart,
            "sources whose credit every block must hold"
        ),
        Key(
            "write-claim",
            \.writeClaim,
            .bits("byte", in: 0.1...8),
            reload: .restart,
            "min-entropy of a byte that a listener's trusted writer vouches for, at most"
        ),
    ]

    static let server: [Key<Configuration.Server>] = [
        Key(
            "threads",
            \.threads,
            .serverThreads,
            reload: .restart,
            "threads that serve clients; further ones help with drbg listeners that have no rate; "
                + "auto: two where the machine has at least four processors, else one"
        )
    ]

    static let drbg: [Key<Configuration.DRBG>] = [
        Key(
            "reseed-interval",
            \.reseedInterval,
            .duration(.seconds(1)...(.seconds(86_400))),
            reload: .restart,
            "age of a seed after which the DRBG takes a new one"
        ),
        Key(
            "reseed-bytes",
            \.reseedBytes,
            .size(ByteSize(64 << 10)...ByteSize(1 << 40)),
            reload: .restart,
            "output after which the DRBG takes a new seed"
        ),
    ]

    static let control: [Key<Configuration.Control>] = [
        Key(
            "path",
            \.path,
            .socketPath,
            default: "control.sock in the run directory",
            reload: .restart,
            "the socket that status and the other commands ask"
        ),
        Key("mode", \.mode, .mode, reload: .restart, "who may connect to it"),
    ]

    static let feeder: [Key<Configuration.Feeder>] = [
        Key(
            "enabled",
            \.enabled,
            .choice,
            reload: .restart,
            "whether the kernel is fed; auto: when the process may (CAP_SYS_ADMIN) and a "
                + "full-entropy listener gives the blocks"
        ),
        Key(
            "interval",
            \.interval,
            .duration(.seconds(1)...(.seconds(3_600))),
            reload: .restart,
            "time between two feedings of an initialised kernel"
        ),
        Key(
            "block",
            \.block,
            .size(ByteSize(32)...ByteSize(512)),
            reload: .restart,
            "bytes per feeding"
        ),
        Key(
            "credit",
            \.credit,
            .feederCredit,
            reload: .restart,
            "entropy that the kernel is told to count; assessed: what the blocks hold"
        ),
    ]

    static let source: [Key<Source>] = [
        Key(
            "type",
            \.type,
            .choice,
            default: "the name, where it is one of the types",
            "what kind of source it is"
        ),
        Key("enabled", \.isEnabled, .flag, "whether it runs"),
        Key(
            "claim",
            optional: \.claim,
            .bits("sample", in: 0...8),
            default: "of the type; 0 for stream and command; 8 for egd; 7 for entropy-key",
            "min-entropy of a raw sample that the operator vouches for; 0: mixed, never credited"
        ),
        Key(
            "cpu-budget",
            optional: \.cpuBudget,
            .fraction(Fraction(0.01)!...Fraction(1)!),
            default: "of the type",
            "share of one processor that it may use while it runs"
        ),
    ]

    /// The keys that only one type of source has.
    static func source(of type: SourceType) -> [Key<Source>] {
        switch type {
        case .havege: havege
        case .hwrng: hwrng
        case .stream: stream
        case .command: command
        case .egd: egd
        case .entropyKey: entropyKey
        case .jitter, .sleep, .cpu, .kernel: []
        }
    }

    private static let cacheRange = ByteSize(4 << 10)...ByteSize(16 << 20)

    private static let havege: [Key<Source>] = [
        Key(
            "data-cache",
            optional: \.dataCache,
            .size(cacheRange),
            default: "detected",
            "size of the first-level data cache"
        ),
        Key(
            "instruction-cache",
            optional: \.instructionCache,
            .size(cacheRange),
            default: "detected",
            "size of the first-level instruction cache"
        ),
    ]

    private static let hwrng: [Key<Source>] = [
        Key(
            "path",
            optional: \.path,
            .path,
            default: "/dev/hwrng",
            "the kernel's hardware generator device"
        )
    ]

    private static let stream: [Key<Source>] = [
        Key(
            "path",
            optional: \.path,
            .path,
            default: "required",
            "the file, FIFO, character device or serial line that is read"
        ),
        Key(
            "speed",
            optional: \.speed,
            .count("bits per second", in: 50...4_000_000),
            default: "left as it is",
            "speed of a serial line"
        ),
    ]

    private static let command: [Key<Source>] = [
        Key(
            "command",
            optional: \.command,
            .commandLine,
            default: "required",
            "what /bin/sh -c runs; its standard output is the noise"
        )
    ]

    private static let egd: [Key<Source>] = [
        Key(
            "upstreams",
            \.upstreams,
            .list(of: .endpoint),
            default: "required",
            "EGD servers, the preferred one first; the next is read from when one fails"
        ),
        Key(
            "patience",
            optional: \.patience,
            .duration(.seconds(1)...(.seconds(600))),
            default: "30s",
            "how long a server that gives nothing is waited for"
        ),
        Key(
            "retry",
            optional: \.retry,
            .duration(.seconds(1)...(.seconds(3_600))),
            default: "1s, doubled up to 5min",
            "time between two attempts once all servers failed"
        ),
    ]

    private static let entropyKey: [Key<Source>] = [
        Key(
            "serial",
            optional: \.serial,
            .keySerial,
            default: "every Entropy Key that is plugged in",
            "the number of the one key that is meant"
        ),
        Key(
            "path",
            optional: \.path,
            .path,
            default: "found by the key's USB ids",
            "the key's terminal, or the Unix socket of a program that has the key"
        ),
        Key(
            "access",
            \.access,
            .choice,
            "the way to a key on USB: the kernel's terminal, libusb past the kernel's driver, or the first "
                + "that works"
        ),
        Key(
            "keyring",
            optional: \.keyring,
            .path,
            default: "/etc/entropykey/keyring",
            "the file with the long-term keys, as ekeyd has it; read at start, before privileges are given "
                + "up, and at reload"
        ),
        Key(
            "recovery",
            \.recovery,
            .recoveryLimit,
            "the last step that a key which does not answer is revived with; each follows when the ones "
                + "before it did not help"
        ),
        Key(
            "temperature",
            optional: \.temperature,
            .range(unit: "degrees Celsius", within: -40...125),
            default: "0...70",
            "what the key may report; outside of it nothing is credited"
        ),
        Key(
            "voltage",
            optional: \.voltage,
            .range(unit: "volts", within: 0...6),
            default: "2.97...3.63",
            "what the key may report; outside of it nothing is credited"
        ),
    ]
}
