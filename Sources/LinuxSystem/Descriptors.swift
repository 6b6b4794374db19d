// Descriptors that came with the process: those that a service manager passed, and what a careless parent left open.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

/// Closes everything but standard input, output and error: what a daemon does not know, it must not
/// hold. To be called first, before anything is opened.
package func closeInheritedDescriptors() {
    ws_close_from(3)
}

/// A descriptor with the name under which it was passed.
package struct PassedDescriptor: Sendable {
    package var name: String
    package var descriptor: Int32

    package init(name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }
}

/// What a service manager passed (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES): sockets of
/// a socket unit, and what an earlier run of the service left in its descriptor store. All other
/// descriptors above standard error are closed, and the variables are removed, so that no child takes
/// the descriptors for its own. To be called first, and once.
package func takePassedDescriptors() -> [PassedDescriptor] {
    let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]
    let values = variables.map { name in getenv(name).map { String(cString: $0) } }
    for name in variables { unsetenv(name) }
    guard let process = values[0].flatMap({ Int32($0) }), process == getpid(),
        let count = values[1].flatMap({ Int($0) }), (1...greatestPassedCount).contains(count)
    else {
        closeInheritedDescriptors()
        return []
    }
    ws_close_from(UInt32(3 + count))
    let names = (values[2] ?? "").split(separator: ":", omittingEmptySubsequences: false)
    return (0..<count).map { index in
        let descriptor = Int32(3 + index)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return PassedDescriptor(
            name: index < names.count ? String(names[index]) : "unknown",
            descriptor: descriptor
        )
    }
}

/// Raises the soft limit of open descriptors to the hard one, which is what the administrator allows: the
/// soft one is low for the sake of programs that use select(2).
package func raiseDescriptorLimit() {
    let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(kind, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(kind, &limit)
}

/// Far above what a manager passes: it bounds what a wrong number can do.
private let greatestPassedCount = 100_000
