// Feeding the kernel's entropy pool through random(4).
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Entropy
internal import Glibc

/// The kernel's pool: mix with credit, rekey, ask. It decides nothing about credit.
package struct KernelPool<Device: RandomDevice & ~Copyable>: ~Copyable {
    private var device: Device

    package init(device: consuming Device) {
        self.device = device
    }

    package var descriptor: Int32 { device.descriptor }

    /// Mixes the request's bytes and credits `credit`, rounded down to whole bits and limited to 8
    /// bits per byte, a limit that the kernel itself does not keep. With credit zero the bytes are
    /// mixed all the same.
    ///
    /// Returns the bits credited. The request is not wiped.
    package mutating func add(
        _ request: borrowing PoolRequest,
        credit: Bits
    ) throws(KernelRandomError) -> Int {
        let bits = min(credit.wholeBits, request.byteCount * 8)
        let result = request.withRequest(creditedBits: bits) { retrying(WS_RNDADDENTROPY, $0) }
        try check(result, "add entropy")
        return bits
    }

    /// Finds out whether this process may feed, by adding nothing.
    package mutating func checkPermission() throws(KernelRandomError) {
        _ = try add(PoolRequest(byteCount: 0), credit: .zero)
    }

    /// Rekeys the output generator from the pool at once instead of within its minute (RNDRESEEDCRNG).
    package mutating func reseed() throws(KernelRandomError) -> ReseedOutcome {
        let result = retrying(WS_RNDRESEEDCRNG, nil)
        switch -result {
        case ENODATA: return .notSeededYet
        case EINVAL, ENOTTY: return .unsupported
        default:
            try check(result, "rekey its generator")
            return .done
        }
    }

    /// What entropy_avail shows, in bits. Constant on kernels that seed themselves.
    package mutating func entropyAvailable() throws(KernelRandomError) -> Int {
        var count: CInt = 0
        let result = withUnsafeMutablePointer(to: &count) { retrying(WS_RNDGETENTCNT, $0) }
        try check(result, "tell its entropy count")
        return Int(count)
    }

    private mutating func retrying(_ request: UInt, _ argument: UnsafeMutableRawPointer?) -> Int32 {
        var result = device.control(request, argument)
        var retries = 0
        while result == -EINTR && retries < interruptedRetryLimit {
            result = device.control(request, argument)
            retries += 1
        }
        return result
    }

    private func check(_ result: Int32, _ operation: String) throws(KernelRandomError) {
        guard result < 0 else { return }
        throw KernelRandomError(
            code: result == -EPERM ? .notPermitted : .refused,
            operation: operation,
            errorNumber: -result
        )
    }
}

/// What became of ``KernelPool/reseed()``.
package enum ReseedOutcome: Sendable, Equatable {
    case done
    /// ENODATA: the generator has had no first seed; it will take it from the pool by itself.
    case notSeededYet
    /// Kernels before 4.14 have no such request.
    case unsupported
}

/// Calls; none of these requests sleeps, so a second EINTR in a row is already a surprise, and an
/// endless one must not hang the feeder.
private let interruptedRetryLimit = 8
