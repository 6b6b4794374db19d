// `wellspring doctor`: what this machine's kernel needs, what it has, and what to do next.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Configuration
internal import Daemon
internal import Entropy
internal import Glibc
internal import KernelRandom
internal import LinuxSystem
internal import NoiseSources

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine's kernel needs, what it has, and what to do next.",
        discussion: """
            Looks and changes nothing. It says so when this kernel does not need Wellspring.

            Exit status: 0 nothing is wrong, 1 something should be done.
            """
    )

    func run() throws {
        let findings = Doctor(
            kernel: .read(),
            isVirtualClone: Doctor.kernelSawClone(),
            mayFeed: Privileges.hasSystemAdministration,
            status: try? ControlClient.status(path: .standardControlSocket()),
            canLock: SecretMemory.canLock
        )
        Terminal.print(findings.text)
        if findings.needsAction { throw ExitStatus.failure }
    }
}

/// Turns facts into sentences. Pure, so that every machine can be told about in a test.
struct Doctor {
    var kernel: KernelRandomState
    /// The kernel log tells of a reseed after this machine was cloned or restored.
    var isVirtualClone: Bool?
    var mayFeed: Bool
    var status: StatusReport?
    var canLock: Bool

    var text: String {
        [
            section("This kernel", kernelLines), section("What it has", hardwareLines),
            section("Wellspring here", serviceLines), section("What it is good for here", useLines),
            section("What to do next", nextSteps.isEmpty ? ["Nothing."] : nextSteps),
        ].joined(separator: "\n\n")
    }

    var needsAction: Bool { !nextSteps.isEmpty }

    private func section(_ title: String, _ lines: [String]) -> String {
        ([title] + lines.map { "  " + wrapped($0) }).joined(separator: "\n")
    }

    private var kernelLines: [String] {
        var lines: [String] = []
        let release = kernel.release ?? "unknown release"
        lines.append(
            "Linux \(release), behaviour class: \(kernel.kernelClass?.rawValue ?? "unknown")"
        )
        if let kernelClass = kernel.kernelClass { lines.append(kernelClass.summary) }
        lines.append(kernel.need)
        if let available = kernel.entropyAvailable, let size = kernel.poolSize {
            lines.append(
                kernel.kernelClass == .selfSeeding && kernel.isSeeded == true
                    ? "entropy_avail is \(available) of \(size): constant on this kernel, nothing to watch."
                    : "entropy_avail is \(available) of \(size) bits."
            )
        }
        return lines
    }

    private var hardwareLines: [String] {
        var lines: [String] = []
        let generators = kernel.processorGenerators.map { $0.rawValue.uppercased() }.sorted()
        lines.append(
            generators.isEmpty
                ? "No processor generator (RDRAND, RDSEED, RNDR) that this kernel trusts."
                : "Processor generators that this kernel lists as sound: "
                    + generators.joined(separator: ", ")
                    + ". It mixes them at boot and at every reseed."
        )
        let hardware = kernel.hardwareGenerator
        if let current = hardware.current {
            let quality = hardware.quality.map { ", quality \($0) of 1024" } ?? ""
            lines.append("Hardware generator \(current)\(quality): the kernel drains it by itself.")
        } else if hardware.available.isEmpty {
            lines.append("No hardware generator (/dev/hwrng).")
        } else {
            lines.append(
                "Hardware generators \(hardware.available.joined(separator: ", ")), none chosen "
                    + "(rng_current)."
            )
        }
        if kernel.hasVirtioGenerator {
            lines.append("virtio-rng: the host gives this guest entropy.")
        }
        if let clock = kernel.clockSource {
            lines.append(
                "Clock source \(clock)" + (kernel.clockIsTSC ? "." : ": coarse or emulated.")
            )
        }
        if case .hypervisor(let name) = kernel.virtualisation {
            lines.append(
                "A virtual machine" + (name.map { " (\($0))" } ?? "")
                    + ": timing sources here are under the control of the hypervisor."
            )
            lines.append(
                kernel.hasVMGenerationID
                    ? "VMGENID is present: the kernel reseeds itself after a snapshot is restored."
                    : "No VMGENID: two clones of a snapshot give the same random numbers until "
                        + "they reseed."
            )
            if isVirtualClone == true {
                lines.append("The kernel log says that this machine is itself a clone.")
            }
        }
        return lines
    }

    private var serviceLines: [String] {
        guard let status else {
            return [
                "No daemon answers.",
                mayFeed
                    ? "This user may feed the kernel."
                    : "This user cannot feed the kernel (EPERM); serving only.",
            ]
        }
        let healthy = status.sources.filter { $0.state == "healthy" }.map(\.name)
        return [
            "A daemon is running (pid \(status.processID)); kernel: \(status.kernel.feeder).",
            "Healthy sources: \(healthy.isEmpty ? "none" : healthy.joined(separator: ", ")).",
        ] + status.warnings
    }

    private var useLines: [String] {
        var lines: [String] = []
        if kernel.isSeeded == false {
            lines.append("Early boot: `wellspring-feeder --once` in the initramfs ends the wait.")
        }
        if kernel.kernelClass == .blockingPool {
            lines.append("An old kernel whose readers block: run the feeder all the time.")
        }
        if case .hypervisor = kernel.virtualisation, !kernel.hasVMGenerationID {
            lines.append("Clones and snapshots: feed and reseed at once after a restore.")
        }
        lines.append("Independent sources mixed, so that one untrusted vendor is not enough.")
        lines.append("Programs that cannot reach the kernel's pool: the EGD sockets.")
        lines.append(
            "Evidence for auditors: `wellspring capture`, tested and assessed raw samples."
        )
        return lines
    }

    private var nextSteps: [String] {
        var steps: [String] = []
        if kernel.isSeeded == false {
            steps.append("Seed this kernel now: wellspring-feeder --once (as root).")
        }
        if kernel.hardwareGenerator.current == nil, !kernel.hardwareGenerator.available.isEmpty {
            let name = kernel.hardwareGenerator.available[0]
            steps.append(
                "Let the kernel use its generator: echo \(name) > "
                    + "/sys/class/misc/hw_random/rng_current"
            )
        }
        if kernel.kernelClass == .blockingPool, status == nil {
            steps.append("Start the daemon: wellspring run (as root).")
        }
        if !canLock {
            steps.append("Raise RLIMIT_MEMLOCK: secrets could not be locked in memory.")
        }
        for warning in status?.warnings ?? [] {
            steps.append("See `wellspring status`: \(warning).")
        }
        return steps
    }

    /// Breaks a sentence at the screen's width, with the section's indent.
    private func wrapped(_ text: String) -> String {
        var lines = [""]
        for word in text.split(separator: " ") {
            if lines[lines.count - 1].count + word.count + 1 > screenWidth { lines.append("") }
            lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
        }
        return lines.joined(separator: "\n  ")
    }

    /// Nil where the kernel log may not be read.
    static func kernelSawClone() -> Bool? {
        let log = KernelLog(wanted: true, fromStart: true)
        return log.descriptor >= 0 ? log.takesForkNotice() : nil
    }
}

/// Columns of text beside the indent.
private let screenWidth = 92
