// The folder of stored assessments, and which of them may decide a source's credit.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Configuration
package import Entropy
internal import FoundationEssentials
internal import Glibc
internal import KernelRandom

/// Finds the profile of a source. A profile that does not fit is named and left aside.
package struct ProfileStore: Sendable {
    private let folder: String
    private let machine: MachineFacts

    /// `machine` is this one unless a test says otherwise.
    package init(folder: String, machine: MachineFacts = .current) {
        self.folder = folder
        self.machine = machine
    }

    /// Where a daemon with these directories looks.
    package static func folder(in directories: RuntimeDirectories) -> String {
        directories.state.appending("assessments").text
    }

    /// The file of the source `name`.
    package static func path(of name: String, in folder: String) -> String {
        "\(folder)/\(name).json"
    }

    package enum Finding: Sendable, Equatable {
        case none
        case claim(EntropyClaim)
        /// There is one, but it is not used, for this reason. What it claims stays an upper limit, as far
        /// as it can be read: an operator who lowered a claim must not see it raised by a spoiled file.
        case unused(String, limit: BitsPerSample?)
    }

    /// What is stored for `entry`, whose kind has samples of `sampleBits` bits.
    package func find(_ entry: Source, sampleBits: Int) -> Finding {
        let path = Self.path(of: entry.name, in: folder)
        let text: [UInt8]
        var distrust: String?
        switch read(path, distrust: &distrust) {
        case nil: return .none
        case .failure(let reason):
            return .unused("\(path): \(reason.text)", limit: nil)
        case .success(let bytes): text = bytes
        }
        guard let profile = try? JSONDecoder().decode(AssessmentProfile.self, from: Data(text))
        else {
            return .unused(
                "\(path) is not a profile of wellspring assess --save-profile",
                limit: nil
            )
        }
        let reason: String? =
            if let distrust {
                distrust
            } else if let flaw = profile.flaw {
                flaw
            } else if profile.source != entry.name || profile.kind != entry.type.rawValue {
                "it is of \(profile.source), a source of the kind \(profile.kind)"
            } else if profile.sampleBits != sampleBits {
                "its samples have \(profile.sampleBits) bits, not \(sampleBits)"
            } else if profile.settings["path"] != entry.path?.text
                || profile.settings["command"] != entry.command
            {
                "it was made with another path or command"
            } else if !profile.machine.isLike(machine) {
                "it was made on another machine (\(profile.machine.processor)"
                    + (profile.machine.isVirtual ? ", virtual)" : ")")
            } else {
                nil
            }
        if let reason {
            return .unused("\(path): \(reason)", limit: BitsPerSample(profile.claim))
        }
        guard let claim = profile.claim(.thisMachine, text: text) else {
            return .unused("\(path): its claim is no number of bits", limit: nil)
        }
        return .claim(claim)
    }

    private struct Reason: Error { let text: String }

    /// Nil if there is no file. Whoever could write the file could decide credit: unless it belongs to root
    /// or to this user and nobody else may write to it, `distrust` says so.
    private func read(
        _ path: String,
        distrust: inout String?
    ) -> Result<[UInt8], Reason>? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            return errno == ENOENT
                ? nil : .failure(Reason(text: "it cannot be read (error \(errno))"))
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            return .failure(Reason(text: "it is not a file"))
        }
        if facts.st_uid != 0, facts.st_uid != geteuid() {
            distrust = "it belongs to user \(facts.st_uid)"
        } else if facts.st_mode & 0o022 != 0 {
            distrust = "others may write to it"
        }
        guard facts.st_size <= mostBytes else {
            return .failure(Reason(text: "it is too large"))
        }
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count == bytes.count else { return .failure(Reason(text: "it cannot be read whole")) }
        return .success(bytes)
    }
}

/// Bytes; a profile has about two thousand.
private let mostBytes = 1 << 20
