// Calling noise sources from tests, on the test's thread or on one that blocks and is woken.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
package import Entropy
internal import Glibc
internal import LinuxSystem
package import NoiseSources

/// An eventfd that is closed with this object.
package final class WakeEvent: Sendable {
    package let descriptor: Int32

    package init() { descriptor = eventfd(0, Int32(EFD_CLOEXEC)) }

    deinit { close(descriptor) }

    package func signal() { eventfd_write(descriptor, 1) }
}

extension NoiseSource {
    /// One call of `sample` with a buffer of `count`.
    package func samples(
        upTo count: Int,
        wake: WakeEvent? = nil
    ) throws(NoiseSourceError) -> [RawSample] {
        let buffer = UnsafeMutableBufferPointer<RawSample>.allocate(capacity: count)
        buffer.initialize(repeating: .max)
        defer { buffer.deallocate() }
        let given = try sample(into: buffer, wake: wake?.descriptor ?? -1)
        return Array(buffer[..<given])
    }

    /// Calls `sample` until `count` samples came.
    package func allSamples(_ count: Int) throws(NoiseSourceError) -> [RawSample] {
        var all: [RawSample] = []
        while all.count < count { all += try samples(upTo: count - all.count) }
        return all
    }

    /// Calls `sample` on a thread of its own, waits until that thread sleeps in the kernel, wakes
    /// it and returns what the call gave.
    package func samplesWhenWoken(
        upTo count: Int
    ) throws(NoiseSourceError) -> [RawSample] {
        let call = BlockedCall(source: self, count: count)
        var thread = pthread_t()
        let started = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<BlockedCall>.fromOpaque(argument).takeUnretainedValue().run()
                return nil
            },
            Unmanaged.passUnretained(call).toOpaque()
        )
        precondition(started == 0, "cannot start a thread: error \(started)")
        var name = [UInt8](repeating: 0, count: 64)
        let length = read(call.nameEnds.0, &name, name.count)
        let statusPath =
            "/proc/" + String(decoding: name[..<max(0, length)], as: UTF8.self) + "/stat"
        eventually { threadState(statusPath) == "S" }
        call.wake.signal()
        pthread_join(thread, nil)
        return try call.result.get()
    }
}

/// Repeats `condition` until it holds, for at most 20 s; returns whether it came to hold.
@discardableResult
package func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(20)
    while try !condition() {
        if clock.now > deadline { return false }
        sched_yield()
    }
    return true
}

private final class BlockedCall {
    let wake = WakeEvent()
    let nameEnds: (Int32, Int32)
    var result: Result<[RawSample], NoiseSourceError> = .success([])
    private let source: any NoiseSource
    private let count: Int

    init(source: any NoiseSource, count: Int) {
        var ends: [Int32] = [-1, -1]
        precondition(ws_pipe(&ends) == 0, "no pipe: error \(errno)")
        nameEnds = (ends[0], ends[1])
        self.source = source
        self.count = count
    }

    deinit {
        close(nameEnds.0)
        close(nameEnds.1)
    }

    func run() {
        var name = [CChar](repeating: 0, count: 64)
        let length = readlink("/proc/thread-self", &name, name.count)
        write(nameEnds.1, name, max(0, length))
        do throws(NoiseSourceError) {
            result = .success(try source.samples(upTo: count, wake: wake))
        } catch {
            result = .failure(error)
        }
    }
}

/// The state letter of a thread (proc(5)): the first field after the name in parentheses.
private func threadState(_ path: String) -> Character? {
    guard let fields = SystemTree().text(path) else { return nil }
    guard let end = fields.lastIndex(of: ")") else { return nil }
    return fields[end...].dropFirst(2).first
}
