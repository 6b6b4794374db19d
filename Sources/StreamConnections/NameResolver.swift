// Host names to addresses (getaddrinfo, RFC 3493 section 6.1), so that nobody has to wait for it.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// A socket address with its family.
package struct StreamAddress: Sendable, Equatable {
    /// A struct sockaddr_in or sockaddr_in6.
    let bytes: [UInt8]
    let family: Int32
}

/// The look-up of a host, or what a test puts in its place.
package struct NameResolver: Sendable {
    /// May block for as long as it likes. An empty list counts as an unknown name.
    let addresses: @Sendable (_ host: String, _ port: UInt16) -> Result<[StreamAddress], Failure>

    package struct Failure: Error, Equatable {
        /// A clause without a full stop.
        let reason: String
    }

    package init(
        _ addresses:
            @escaping @Sendable (_ host: String, _ port: UInt16) -> Result<
                [StreamAddress], Failure
            >
    ) {
        self.addresses = addresses
    }

    /// All addresses of both families, in the order that the system prefers (RFC 6724).
    package static let system = NameResolver { host, port in look(up: host, port, flags: 0) }

    /// The addresses of `endpoint`'s host. Getaddrinfo cannot be interrupted: it runs on a thread of
    /// its own, which is left alone when the time is over or the caller is woken, and then frees
    /// itself. A number needs neither a thread nor a name service.
    func resolve(
        _ host: String,
        _ port: UInt16,
        for endpoint: StreamEndpoint,
        until deadline: Duration,
        wake: Int32
    ) throws(StreamConnectionError) -> [StreamAddress] {
        if case .success(let addresses) = look(up: host, port, flags: AI_NUMERICHOST) {
            return addresses
        }
        let inquiry: Inquiry
        do throws(SystemError) {
            let started = Inquiry(done: try EventDescriptor())
            inquiry = started
            try NamedThread("resolver") { [self] in started.finish(addresses(host, port)) }.detach()
        } catch {
            throw StreamConnectionError(system: error.code, endpoint)
        }
        switch waitForEvents(POLLIN, on: inquiry.done.descriptor, wake: wake, until: deadline) {
        case .woken: throw .interrupted(endpoint)
        case .timedOut:
            throw StreamConnectionError(.timedOut, endpoint, "\(host) was not looked up in time")
        case .ready: break
        }
        switch inquiry.answer.withLock({ $0 }) {
        case .success(let addresses) where !addresses.isEmpty: return addresses
        case .failure(let failure):
            throw StreamConnectionError(.unknownHost, endpoint, "\(host): \(failure.reason)")
        case .success, nil:
            throw StreamConnectionError(.unknownHost, endpoint, "\(host) has no address")
        }
    }
}

/// One look-up, shared by the thread that waits and the thread that looks up.
private final class Inquiry: Sendable {
    let done: EventDescriptor
    let answer = Mutex<Result<[StreamAddress], NameResolver.Failure>?>(nil)

    init(done: EventDescriptor) { self.done = done }

    func finish(_ result: Result<[StreamAddress], NameResolver.Failure>) {
        answer.withLock { $0 = result }
        done.signal()
    }
}

private func look(
    up host: String,
    _ port: UInt16,
    flags: Int32
) -> Result<[StreamAddress], NameResolver.Failure> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = flags | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, "\(port)", &hints, &list)
    guard code == 0 else {
        let isSystem = code == EAI_SYSTEM
        let reason = isSystem ? errorText(errno) : String(cString: gai_strerror(code))
        return .failure(NameResolver.Failure(reason: reason))
    }
    defer { freeaddrinfo(list) }
    var addresses: [StreamAddress] = []
    var next = list
    while let entry = next {
        if let address = entry.pointee.ai_addr {
            let bytes = UnsafeRawBufferPointer(
                start: address,
                count: Int(entry.pointee.ai_addrlen)
            )
            addresses.append(
                StreamAddress(bytes: Array(bytes), family: entry.pointee.ai_family)
            )
        }
        next = entry.pointee.ai_next
    }
    return .success(addresses)
}
