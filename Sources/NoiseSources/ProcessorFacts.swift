// What /proc/cpuinfo says about the processor's own random number generator.
// SPDX-License-Identifier: Apache-2.0

internal import LinuxSystem

/// The kernel's verdict, read from the first processor's entry.
struct ProcessorFacts {
    enum Generator: String {
        case rdseed = "RDSEED"
        case rdrand = "RDRAND"
        case rndrrs = "RNDRRS"
        case rndr = "RNDR"
    }

    /// The instruction to use, the one that is reseeded per word first; nil when there is none.
    let generator: Generator?
    /// A reason to distrust the generator, as a clause for people; nil when none is known.
    let warning: String?
    private let isReadable: Bool

    init(systemRoot: String) {
        self.init(cpuinfo: SystemTree(root: systemRoot).text("/proc/cpuinfo"))
    }

    /// - Parameter cpuinfo: the text of /proc/cpuinfo, or nil when it cannot be read. Text of any
    ///   shape is taken; what is not understood counts as absent.
    init(cpuinfo: String?) {
        isReadable = cpuinfo != nil
        var values: [Substring: Substring] = [:]
        for line in (cpuinfo ?? "").split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = line[..<colon].trimmed
            // The second processor's entry begins.
            if values[key] != nil { break }
            values[key] = line[line.index(after: colon)...].trimmed
        }
        let isArm = values["Features"] != nil
        let flags = Set((values["flags"] ?? values["Features"] ?? "").split(separator: " "))
        if isArm {
            // `rng` (FEAT_RNG) brings both; RNDRRS reseeds before each word.
            generator = flags.contains("rng") ? .rndrrs : nil
        } else if flags.contains("rdseed") {
            generator = .rdseed
        } else {
            generator = flags.contains("rdrand") ? .rdrand : nil
        }
        // AMD families 15h and 16h may give only ones after a suspend (Linux hides RDRAND there
        // unless told otherwise); 17h did with early microcode.
        let isSuspect =
            values["vendor_id"] == "AuthenticAMD"
            && ["21", "22", "23"].contains(values["cpu family"] ?? "")
        warning = isSuspect ? "a family with known failures, watched by the self-test" : nil
    }

    var reasonForNoGenerator: String {
        isReadable
            ? "/proc/cpuinfo lists no generator that the kernel trusts"
            : "/proc/cpuinfo cannot be read, and nothing else says which generators work"
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...end]
    }
}
