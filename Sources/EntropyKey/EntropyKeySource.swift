// Noise source: a Simtec Entropy Key, by its own protocol.
// SPDX-License-Identifier: Apache-2.0

package import Entropy
internal import EntropyKeyDevice
internal import EntropyKeyProtocol
internal import LinuxSystem
package import NoiseSources

/// The decrypted bytes of one key. The key has assessed, conditioned and tested them; they are worth what
/// the operator states, 7 bits of 8 unless told otherwise, and nothing while the key does not vouch for
/// them (``EntropyKeyVouching``).
///
/// Everything of a key that fails is dropped, named in ``device`` and recovered from: ^C first, then step
/// by step what a re-plug would do (``RecoveryLadder``).
package final class EntropyKeySource: NoiseSource {
    package static let standard = NoiseSourceDescriptor(
        name: "entropy-key",
        summary: "A Simtec Entropy Key: two avalanche generators that watch themselves.",
        sampleBits: 8,
        kind: .symbols,
        claim: EntropyClaim(minEntropy: BitsPerSample(7)!, origin: .operatorStated)
    )

    /// A key at its full rate needs less than a hundredth; a backlog may be worked off faster.
    package static let defaultCPUShare = 0.1
    package static let yieldsRawNoise = false
    /// A key that dies while nobody needs bytes is noticed, too.
    package static let restsWithPool = false

    package static func availability(_ settings: NoiseSourceSettings) -> Availability {
        if let path = settings.path { return .available(note: path) }
        let keys = KeyLocator(systemRoot: settings.systemRoot).all()
        if let serial = settings.entropyKey.serial {
            let place = keys.first { $0.serial == serial }.map { $0.terminal ?? $0.name }
            return .available(note: "\(serial) \(place.map { "at \($0)" } ?? "is not plugged in")")
        }
        guard !keys.isEmpty else { return .unavailable(reason: "no Entropy Key is plugged in") }
        let notes = keys.map { "\($0.serial?.description ?? "a key") at \($0.terminal ?? $0.name)" }
        return .available(note: notes.joined(separator: ", "))
    }

    package let descriptor: NoiseSourceDescriptor
    package private(set) var objection: String?
    private let request: KeyRequest
    let key: EntropyKeySettings
    private let lines: LineHandler?
    private let environment: KeyEnvironment
    private var line: (any KeyLine)?
    /// Where the key was last.
    private var location: KeyLocation?
    private(set) var session: EntropyKeySession
    private var vouching: EntropyKeyVouching
    private var ladder: RecoveryLadder
    private var meter: KeyMeter
    private let plain = SecretBytes(count: EntropyKeySession.entropyByteCount)
    /// Bytes at the end of ``plain`` that are still to be given out.
    private var plainLeft = 0
    private var needsRevival = false
    /// The step that is being taken, or was taken last and has not yet proven good.
    private var step: RecoveryStep?
    /// A step that a wake-up cut short, to be taken again as a whole.
    private var cutShort: RecoveryStep?
    private var lastReturn: Duration?
    private var nextRead = Duration.zero
    private var lastPost = Duration.zero
    /// Why the conversation ended, in the words for its state, until the key is opened again.
    private var end: String?

    package convenience init(_ settings: NoiseSourceSettings) {
        self.init(settings, .system(root: settings.systemRoot))
    }

    init(_ settings: NoiseSourceSettings, _ environment: KeyEnvironment) {
        descriptor = Self.descriptor(settings)
        key = settings.entropyKey
        request = KeyRequest(path: settings.path, serial: key.serial, access: key.access)
        lines = settings.lineHandler
        self.environment = environment
        let keyring = key.keyring
        session = EntropyKeySession(
            longTermKey: { keyring.longTermKey(for: $0) },
            nonce: environment.fillNonce
        )
        vouching = EntropyKeyVouching(limits: key.limits)
        ladder = RecoveryLadder(limit: key.recoveryLimit)
        meter = KeyMeter(since: environment.now())
        post()
    }

    deinit { line?.close() }

    package func open() throws(NoiseSourceError) {
        guard line == nil else { return }
        end = nil
        try openLine()
    }

    package func close() {
        line?.close()
        line = nil
        cutShort = nil
        plainLeft = 0
        plain.wipe()
        lastReturn = nil
        objection = nil
        post()
    }

    package func sample(
        into buffer: UnsafeMutableBufferPointer<RawSample>,
        wake: Int32
    ) throws(NoiseSourceError) -> Int {
        if let lastReturn { session.excuse(environment.now() - lastReturn) }
        defer { lastReturn = environment.now() }
        if let cutShort {
            self.cutShort = nil
            if try take(cutShort, wake: wake) == false { return 0 }
        }
        try open()
        while true {
            guard try obey(wake: wake) else { return 0 }
            let count = try converse(buffer)
            if count > 0 { return count }
            if case .refused(let refusal) = session.state {
                end = session.state.words
                throw error(refusal)
            }
            if needsRevival {
                guard try revive(wake: wake) else { return 0 }
            } else if try !hear(wake: wake) {
                return 0
            }
        }
    }

    private let board = DeviceBoard()
    package var device: DeviceBoard? { board }

    /// Posts what is new, and everything from time to time.
    private func post() {
        let now = environment.now()
        let state = stateWords
        let isSettling = vouching.isSettling(session.readings)
        let standing = isSettling ? nil : objection
        if let last = board.facts, last.state == state, last.objection == standing,
            last.place == line?.name, now - lastPost < Self.factsLifetime
        {
            return
        }
        lastPost = now
        board.post(
            DeviceFacts(
                state: state,
                place: line?.name,
                serial: (session.serial ?? key.serial ?? location?.serial)?.description,
                objection: standing,
                settling: isSettling && session.state == .running ? objection : nil,
                statistics: meter.statistics(session.counters, session.readings, at: now)
            )
        )
    }

    // MARK: The conversation

    /// Does what the session wants done; the number of samples that came of it.
    private func converse(
        _ buffer: UnsafeMutableBufferPointer<RawSample>
    ) throws(NoiseSourceError) -> Int {
        var doubts = vouching.objection(session.readings)
        var count = give(to: buffer, from: 0)
        while count < buffer.count, !needsRevival {
            let now = environment.now()
            let action = plain.withMutableBytes { session.next(at: now, into: $0.baseAddress!) }
            guard let action else { break }
            switch action {
            case .entropy:
                plainLeft = plain.count
                count += give(to: buffer, from: count)
            case .send(let command): try write(command)
            case .readings:
                meter.note(session.readings, at: now)
                vouching.note(
                    session.readings,
                    entropyFrames: Int(clamping: session.counters.entropyBytes / 32)
                )
                doubts = doubts ?? vouching.objection(session.readings)
            case .revive: needsRevival = true
            }
        }
        noteRunning()
        objection = doubts ?? vouching.objection(session.readings)
        post()
        return count
    }

    /// Moves bytes of the last frame to `buffer`, and wipes them here.
    private func give(to buffer: UnsafeMutableBufferPointer<RawSample>, from start: Int) -> Int {
        let count = min(plainLeft, buffer.count - start)
        guard count > 0 else { return 0 }
        plain.withMutableBytes { bytes in
            let first = bytes.count - plainLeft
            for index in 0..<count { buffer[start + index] = RawSample(bytes[first + index]) }
            wipe(UnsafeMutableRawBufferPointer(rebasing: bytes[first..<first + count]))
        }
        plainLeft -= count
        return count
    }

    /// Reads what has come, waiting for it until the session's deadline; false when woken.
    private func hear(wake: Int32) throws(NoiseSourceError) -> Bool {
        guard let line else { return true }
        // A key sends small packets all the time: a wake-up for each costs more than all the rest.
        if environment.now() < nextRead,
            environment.pause(min(nextRead, session.deadline), wake)
        {
            return false
        }
        switch line.wait(until: session.deadline, wake: wake) {
        case .woken: return false
        case .timedOut: return true
        case .ready: break
        }
        nextRead = environment.now() + Self.readInterval
        var failure: KeyDeviceError?
        _ = session.read { memory in
            do throws(KeyDeviceError) {
                return try line.read(into: memory)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw error(failure) }
        return true
    }

    private func write(_ command: EntropyKeyCommand) throws(NoiseSourceError) {
        do throws(KeyDeviceError) {
            try line?.write(command.bytes)
        } catch {
            throw self.error(error)
        }
    }

    // MARK: Opening and reviving

    private func openLine() throws(NoiseSourceError) {
        let new: any KeyLine
        switch environment.open(request) {
        case .success(let line): new = line
        case .failure(let failure): throw error(failure)
        }
        line = new
        // Another number without a step of ours: somebody has plugged it in again.
        if step == nil, new.location?.deviceNumber != location?.deviceNumber { ladder.replugged() }
        location = new.location ?? location
        needsRevival = false
        nextRead = .zero
        session.restart(at: environment.now(), expecting: key.serial ?? new.location?.serial)
    }

    /// False when woken in the middle of it.
    private func obey(wake: Int32) throws(NoiseSourceError) -> Bool {
        switch key.orders.take() {
        case nil: break
        case .reset:
            session.restart(at: environment.now(), expecting: key.serial ?? location?.serial)
        case .revive(let step):
            if try take(step, wake: wake) == false { return false }
            try open()
        }
        return true
    }

    /// The next step of the ladder and a new start; false when woken.
    private func revive(wake: Int32) throws(NoiseSourceError) -> Bool {
        while let step = ladder.next(at: environment.now()) {
            if let done = try take(step, wake: wake) { return done }
        }
        step = nil
        needsRevival = false
        end = EntropyKeySession.State.silent.words
        throw NoiseSourceError(
            .silent,
            source: descriptor.name,
            "the key gives no answer",
            hint: "Pull it out and plug it in again."
        )
    }

    /// Nil: there was nothing to do it with. False when woken.
    private func take(_ step: RecoveryStep, wake: Int32) throws(NoiseSourceError) -> Bool? {
        self.step = step
        let name = line?.name ?? "the key"
        line?.close()
        line = nil
        post()
        let outcome = environment.revive(step, request, location, wake)
        location = outcome.location ?? location
        if case .interrupted = outcome.result {
            cutShort = step
            return false
        }
        meter.recoverySteps += 1
        lines?.take("\(name): recovery step \(outcome.words)")
        if case .skipped = outcome.result, step != .reopen { return nil }
        try openLine()
        return true
    }

    private func noteRunning() {
        guard let step, session.state == .running else { return }
        self.step = nil
        meter.recoveries += 1
        ladder.succeeded(at: environment.now())
        lines?.take("the key answers again after the step \(step.rawValue)")
    }

    private var stateWords: String {
        if let step, line == nil { return "reviving it: \(step.rawValue)" }
        if line == nil { return end ?? "not connected" }
        return session.state.words
    }

    /// 128 frames a second come as more than a hundred packets; a few kilobytes are buffered on the way,
    /// so that 50 ms (400 bytes) lose nothing.
    private static let readInterval = Duration.milliseconds(50)
    /// What status shows is at most so old while nothing changes.
    private static let factsLifetime = Duration.milliseconds(500)
}
