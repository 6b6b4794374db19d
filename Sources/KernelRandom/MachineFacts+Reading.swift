// This machine, as a recording describes it.
// SPDX-License-Identifier: Apache-2.0

package import Entropy
internal import Glibc
internal import LinuxSystem

extension MachineFacts {
    /// Read from uname(2), /proc/cpuinfo and getloadavg(3).
    package static var current: Self {
        var names = utsname()
        uname(&names)
        var load = [0.0, 0.0, 0.0]
        getloadavg(&load, 3)
        let processor = SystemTree(root: "").text("/proc/cpuinfo")?
            .split(separator: "\n").first { $0.hasPrefix("model name") || $0.hasPrefix("Model") }
            .flatMap { $0.split(separator: ":", maxSplits: 1).last }
            .map { String($0.drop { $0 == " " }) }
        return Self(
            kernel: text(names.release),
            architecture: text(names.machine),
            processor: processor ?? "unknown",
            processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            isVirtual: KernelRandomState.read().virtualisation != .none,
            loadAverage: load
        )
    }
}

/// A field of utsname.
private func text<Field>(_ field: Field) -> String {
    withUnsafeBytes(of: field) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
