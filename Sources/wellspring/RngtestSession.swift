// One run of `wellspring rngtest`: reads, tests, writes, and reports as Debian's rngtest does.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy
internal import Glibc
internal import LinuxSystem
internal import StatisticalTests

/// Used once, by one thread.
final class RngtestSession {
    private let blockLimit: Int
    private let blocksPerReport: Int
    private let secondsPerReport: Int
    private let isPipe: Bool

    private let started = SystemClock.awakeNanoseconds
    private var reported: Int
    private var test = FIPS140Test(initialWord: 0)
    private var receivedBytes = 0
    /// Bytes received whose turn has not come yet.
    private var waitingBytes = 0
    private var sentBytes = 0
    private var inputSpeed = SpeedRange()
    private var testSpeed = SpeedRange()
    private var outputSpeed = SpeedRange()

    /// 0 means: no limit, no reports.
    init(blockLimit: Int, blocksPerReport: Int, secondsPerReport: Int, isPipe: Bool) {
        self.blockLimit = blockLimit
        self.blocksPerReport = blocksPerReport
        self.secondsPerReport = secondsPerReport
        self.isPipe = isPipe
        reported = started
    }

    /// Why reading or writing came to an end before the limit.
    private enum Ending: Error {
        case endOfInput
        case interrupted
        case readingFailed(Int32)
        case writingFailed(Int32)
    }

    /// Tests standard input to its end; the exit status.
    func run() -> Int32 {
        if !isPipe {
            Terminal.note(
                "rngtest (Wellspring) \(Version.current)\n\nrngtest: starting FIPS tests..."
            )
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 64)
        defer { buffer.deallocate() }
        do {
            test = FIPS140Test(initialWord: try initialWord(buffer))
        } catch {
            tell(error)
            return 1
        }
        var status: Int32 = 0
        do {
            try testBlocks(buffer)
        } catch {
            tell(error)
            switch error {
            case .readingFailed, .writingFailed: status = 11
            case .endOfInput, .interrupted: break
            }
        }
        report()
        guard status == 0 else { return status }
        return test.statistics.successes > 0 && test.statistics.failures == 0 ? 0 : 1
    }

    private func tell(_ ending: Ending) {
        switch ending {
        case .endOfInput: if !isPipe { Terminal.note("rngtest: entropy source drained") }
        case .interrupted: break
        case .readingFailed(let code):
            Terminal.note("rngtest: error reading input: \(String(cString: strerror(code)))")
        case .writingFailed(let code):
            Terminal.note("rngtest: error writing to output: \(String(cString: strerror(code)))")
        }
    }

    /// The word that the first block is compared with. As a pipe, the four bytes before are dropped.
    private func initialWord(_ buffer: UnsafeMutableRawBufferPointer) throws(Ending) -> UInt32 {
        let wanted = isPipe ? 8 : 4
        var count = 0
        while count < wanted {
            count += try readSome(
                UnsafeMutableRawBufferPointer(rebasing: buffer[count..<wanted]),
                isTimed: false
            )
        }
        return UInt32(
            littleEndian: buffer.loadUnaligned(fromByteOffset: wanted - 4, as: UInt32.self)
        )
    }

    private func testBlocks(_ buffer: UnsafeMutableRawBufferPointer) throws(Ending) {
        var held = 0
        while true {
            // Never more than the blocks asked for: what follows them belongs to the next reader.
            var room = buffer.count - held
            if blockLimit > 0 {
                let left = min(blockLimit - test.statistics.blocks, buffer.count / blockSize)
                guard left > 0 else { return }
                room = left * blockSize - held
            }
            held += try readSome(
                UnsafeMutableRawBufferPointer(rebasing: buffer[held..<held + room]),
                isTimed: true
            )
            var next = 0
            var clock = SystemClock.awakeNanoseconds
            while next + blockSize <= held {
                waitingBytes = held - next - blockSize
                let block = UnsafeRawBufferPointer(rebasing: buffer[next..<next + blockSize])
                let failures = test.test(block)
                var now = SystemClock.awakeNanoseconds
                testSpeed.add(bytes: blockSize, nanoseconds: now - clock)
                if isPipe && failures.isEmpty {
                    try write(block)
                    let done = SystemClock.awakeNanoseconds
                    outputSpeed.add(bytes: blockSize, nanoseconds: done - now)
                    now = done
                }
                reportIfDue(now)
                clock = now
                next += blockSize
                if Interruption.happened { throw .interrupted }
            }
            waitingBytes = 0
            held -= next
            if held > 0 {
                memmove(buffer.baseAddress!, buffer.baseAddress! + next, held)
            }
        }
    }

    /// Reads at least one byte.
    private func readSome(
        _ buffer: UnsafeMutableRawBufferPointer,
        isTimed: Bool
    ) throws(Ending) -> Int {
        let before = SystemClock.awakeNanoseconds
        while true {
            try wait(for: 0, POLLIN)
            let count = read(0, buffer.baseAddress, buffer.count)
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard count >= 0 else { throw .readingFailed(errno) }
            guard count > 0 else { throw .endOfInput }
            receivedBytes += count
            if isTimed {
                inputSpeed.add(
                    bytes: count,
                    nanoseconds: SystemClock.awakeNanoseconds - before
                )
            }
            return count
        }
    }

    private func write(_ block: UnsafeRawBufferPointer) throws(Ending) {
        var done = 0
        while done < block.count {
            try wait(for: 1, POLLOUT)
            let count = Glibc.write(1, block.baseAddress! + done, block.count - done)
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard count > 0 else { throw .writingFailed(errno) }
            done += count
        }
        sentBytes += block.count
    }

    /// Waits for a descriptor, or for ^C.
    private func wait(for descriptor: Int32, _ events: Int32) throws(Ending) {
        var entries = [
            pollfd(fd: descriptor, events: Int16(events), revents: 0),
            pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&entries, 2, -1) < 0 && errno == EINTR && !Interruption.happened {}
        if Interruption.happened { throw .interrupted }
    }

    private func reportIfDue(_ now: Int) {
        let isBlockDue = blocksPerReport > 0 && test.statistics.blocks % blocksPerReport == 0
        let isTimeDue =
            secondsPerReport > 0 && (now - reported) / 1_000_000_000 >= secondsPerReport
        guard isBlockDue || isTimeDue else { return }
        report()
        reported = now
    }

    private func report() {
        let counts = test.statistics
        var lines = ["bits received from input: \((receivedBytes - waitingBytes) * 8)"]
        if isPipe { lines.append("bits sent to output: \(sentBytes * 8)") }
        lines += [
            "FIPS 140-2 successes: \(counts.successes)",
            "FIPS 140-2 failures: \(counts.failures)",
            "FIPS 140-2(2001-10-10) Monobit: \(counts.monobitFailures)",
            "FIPS 140-2(2001-10-10) Poker: \(counts.pokerFailures)",
            "FIPS 140-2(2001-10-10) Runs: \(counts.runsFailures)",
            "FIPS 140-2(2001-10-10) Long run: \(counts.longRunFailures)",
            "FIPS 140-2(2001-10-10) Continuous run: \(counts.continuousRunFailures)",
            "input channel speed: \(inputSpeed)",
            "FIPS tests speed: \(testSpeed)",
        ]
        if isPipe { lines.append("output channel speed: \(outputSpeed)") }
        let elapsed = (SystemClock.awakeNanoseconds - started) / 1000
        lines.append("Program run time: \(elapsed) microseconds")
        Terminal.note(lines.map { "rngtest: " + $0 }.joined(separator: "\n"))
    }
}

/// Slowest, average and fastest speed of an operation on bytes.
private struct SpeedRange: CustomStringConvertible {
    private var slowest = Double.infinity
    private var fastest = 0.0
    private var bytes = 0
    private var nanoseconds = 0

    mutating func add(bytes count: Int, nanoseconds time: Int) {
        let speed = Self.bitsPerSecond(count, time)
        slowest = min(slowest, speed)
        fastest = max(fastest, speed)
        bytes += count
        nanoseconds += max(1, time)
    }

    /// Bits per second, in the largest unit of which the slowest has one.
    var description: String {
        guard bytes > 0 else { return "(min=0.000; avg=0.000; max=0.000)bits/s" }
        let units = ["", "Ki", "Mi", "Gi", "Ti"]
        var (unit, divisor) = (0, 1.0)
        while slowest / divisor >= 1024 && unit < units.count - 1 {
            divisor *= 1024
            unit += 1
        }
        let average = Self.bitsPerSecond(bytes, nanoseconds)
        return "(min=\(fixed(slowest / divisor, 3)); avg=\(fixed(average / divisor, 3)); "
            + "max=\(fixed(fastest / divisor, 3)))\(units[unit])bits/s"
    }

    private static func bitsPerSecond(_ bytes: Int, _ nanoseconds: Int) -> Double {
        Double(bytes) * 8e9 / Double(max(1, nanoseconds))
    }
}

/// Bytes of a block.
private let blockSize = BitBlock.byteCount
/// Bytes in one read: whole blocks, about 128 KiB.
private let bufferSize = 52 * blockSize
