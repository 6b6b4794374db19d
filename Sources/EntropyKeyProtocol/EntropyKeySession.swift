// The host's side of a conversation with an Entropy Key: a pure state machine that returns actions.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// One connection to one key. The owner's loop: ``restart(at:)`` once, then ``next(at:into:)`` until it
/// gives nil, then wait for bytes or ``deadline`` and ``read(at:_:)`` them.
///
/// What it checks: a frame's MAC before anything else of it; that its number grows within a session, so
/// that no byte is taken twice; lengths; that the key is the one expected. A frame that fails is dropped and
/// counted. The key is reset by one ^C and then heard again from its serial number on: there are no storms
/// of resets. It does not know whether the bytes are any good: ``EntropyKeyVouching`` and the health tests
/// do.
package struct EntropyKeySession: ~Copyable {
    /// Looks up the long-term key of a serial number.
    package typealias KeyLookup = (EntropyKeySerial) -> EntropyKeySecret?
    /// Fills memory with bytes that were never used before.
    package typealias NonceSource = (UnsafeMutableRawBufferPointer) -> Void

    package private(set) var state = State.resetting(attempt: 0)
    package private(set) var serial: EntropyKeySerial?
    package private(set) var counters = EntropyKeyCounters()
    package private(set) var readings = EntropyKeyReadings()
    /// When ``next(at:into:)`` is to be called though no bytes came.
    package private(set) var deadline = Duration.zero

    private var expected: EntropyKeySerial?
    private let longTermKey: KeyLookup
    private let fillNonce: NonceSource
    private let timing: EntropyKeyTiming
    private var scanner = FrameScanner()
    /// The session's state for the pads of entropy frames. No pad follows from ``macState``.
    private let encryptionState = SecretBytes(count: EntropyKeySecret.byteCount)
    /// The state for MACs, under the zero key after a reset.
    private var macState = Words256.zero
    private var nonce: [UInt8] = []
    private var nonceCount: UInt32 = 0
    /// The last number taken in this session.
    private var lastNumber = -1
    private var failuresInARow = 0
    private var unprovenSessions = 0
    /// The last keying was not answered: this time the key is to ask for it.
    private var waitsForRequest = false
    private var unansweredKeyings = 0
    private var lastEntropy = Duration.zero
    private var lastHeard = Duration.zero
    private var pending: [Action] = []

    /// `longTermKey` is asked at each keying.
    package init(
        timing: EntropyKeyTiming = .standard,
        longTermKey: @escaping KeyLookup,
        nonce fillNonce: @escaping NonceSource
    ) {
        self.timing = timing
        self.longTermKey = longTermKey
        self.fillNonce = fillNonce
    }

    /// Begins anew on a connection that is new or was revived: what was buffered is forgotten. A device with
    /// another serial number than the `expected` one is refused; nil takes any.
    package mutating func restart(at now: Duration, expecting expected: EntropyKeySerial?) {
        self.expected = expected
        readings.forget()
        scanner.clear()
        pending = []
        reset(attempt: 1, at: now)
    }

    /// Time that passed while nobody read counts as no silence.
    package mutating func excuse(_ pause: Duration) {
        deadline += pause
        lastEntropy += pause
        lastHeard += pause
    }

    /// Lets `body` read bytes from the key into free memory and returns what it returns: their count, or
    /// less than one.
    package mutating func read(_ body: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        let count = scanner.fill(body)
        counters.bytesRead &+= UInt64(max(0, count))
        return count
    }

    /// The next thing to do; nil when more bytes or the ``deadline`` are needed. `output` has room for
    /// ``EntropyKeySession/entropyByteCount`` bytes.
    package mutating func next(
        at now: Duration,
        into output: UnsafeMutableRawPointer
    ) -> Action? {
        while true {
            if !pending.isEmpty { return take(pending.removeFirst()) }
            if let frame = scanner.next() {
                counters.note(scanner)
                if let action = hear(frame, at: now, into: output) { return take(action) }
            } else {
                counters.note(scanner)
                guard now >= deadline else { return nil }
                expire(at: now)
                if pending.isEmpty { return nil }
            }
        }
    }

    private mutating func take(_ action: Action) -> Action {
        if case .send(let command) = action {
            counters.bytesWritten &+= UInt64(command.bytes.count)
            if case .reset = command { counters.resets &+= 1 } else { counters.keyings &+= 1 }
        }
        return action
    }

    // MARK: Frames

    private mutating func hear(
        _ frame: EntropyKeyFrame,
        at now: Duration,
        into output: UnsafeMutableRawPointer
    ) -> Action? {
        counters.frames &+= 1
        switch state {
        case .resetting, .silent, .refused:
            // Nothing counts before the serial number, whatever key the rest is under.
            hearSerial(frame, at: now)
            return nil
        case .identified, .keying, .keyed, .running:
            guard frame.isAuthentic(under: macState) else {
                hearDamaged(frame, at: now)
                return nil
            }
        }
        counters.authenticFrames &+= 1
        failuresInARow = 0
        lastHeard = now
        if state == .keyed { prove(at: now) }
        let action: Action?
        switch frame.kind {
        case .entropy: action = hearEntropy(frame, at: now, into: output)
        case .information:
            readings.take(frame.text)
            action = .readings
        case .sessionWanted: action = hearRequest(at: now)
        case .sessionKey:
            hearSessionKey(frame, at: now)
            action = nil
        case .serial:
            // Under the session's key this cannot be; under the zero key before keying it is a repeat.
            action = nil
        case .generatorsBad:
            refuse(.generatorsBad, at: now)
            action = nil
        case .unknownInput where state == .keying:
            counters.unexpectedFrames &+= 1
            reset(attempt: 1, at: now)
            action = nil
        case .unknownInput, .longTermUnlocked, .longTermKey, .longTermRefused, nil:
            counters.unexpectedFrames &+= 1
            action = nil
        }
        updateDeadline()
        return action
    }

    /// A frame that fails under the present key: damaged on its way, or the key has begun anew.
    private mutating func hearDamaged(_ frame: EntropyKeyFrame, at now: Duration) {
        if state != .identified, state != .keying, let serial = frame.provenSerial {
            counters.selfResets &+= 1
            return identify(serial, at: now)
        }
        counters.damagedFrames &+= 1
        failuresInARow += 1
        guard failuresInARow >= Self.failuresAllowed else { return }
        if state == .keyed {
            unprovenSessions += 1
            if unprovenSessions >= Self.unprovenSessionsAllowed {
                unprovenSessions = 0
                return refuse(.wrongLongTermKey, at: now)
            }
        }
        reset(attempt: 1, at: now)
    }

    private mutating func hearSerial(_ frame: EntropyKeyFrame, at now: Duration) {
        guard let serial = frame.provenSerial else {
            counters.ignoredFrames &+= 1
            return
        }
        counters.authenticFrames &+= 1
        identify(serial, at: now)
    }

    private mutating func hearRequest(at now: Duration) -> Action? {
        // While an answer is on its way the key may ask again.
        guard state != .keying else { return nil }
        askForSessionKey(at: now)
        return nil
    }

    private mutating func hearSessionKey(_ frame: EntropyKeyFrame, at now: Duration) {
        guard state == .keying, frame.subcode == nonce.count, let serial,
            let secret = longTermKey(serial), takeSessionKey(frame, serial, secret)
        else {
            counters.unexpectedFrames &+= 1
            return reset(attempt: 1, at: now)
        }
        counters.sessions &+= 1
        unansweredKeyings = 0
        waitsForRequest = false
        lastNumber = -1
        lastEntropy = now
        state = .keyed
    }

    private mutating func takeSessionKey(
        _ frame: EntropyKeyFrame,
        _ serial: EntropyKeySerial,
        _ longTermKey: EntropyKeySecret
    ) -> Bool {
        let key = longTermKey.withBytes {
            frame.agreedKey(.sessionKeying, serial: serial, secret: $0, hostNonce: nonce)
        }
        guard let key else { return false }
        // It stands for a moment where the state that follows from it will be.
        encryptionState.withMutableBytes { bytes in
            key.store(to: bytes.baseAddress!)
            let secret = UnsafeRawBufferPointer(bytes)
            macState = EntropyKeyHash.state(.frameMAC, serial: serial, secret: secret)
            let encryption = EntropyKeyHash.state(
                .entropyEncryption,
                serial: serial,
                secret: secret
            )
            encryption.store(to: bytes.baseAddress!)
        }
        return true
    }

    private mutating func hearEntropy(
        _ frame: EntropyKeyFrame,
        at now: Duration,
        into output: UnsafeMutableRawPointer
    ) -> Action? {
        guard state == .running else {
            counters.unexpectedFrames &+= 1
            return nil
        }
        let plain = UnsafeMutableRawBufferPointer(start: output, count: Self.entropyByteCount)
        guard let number = frame.subcode, number > lastNumber else {
            counters.replays &+= 1
            return nil
        }
        guard frame.decodePayload(into: plain) else {
            counters.unexpectedFrames &+= 1
            return nil
        }
        let encryption = encryptionState.withBytes { Words256($0, at: 0) }
        let pad = EntropyKeyHash.digest(frame.subcodeText, encryption)
        (Words256(UnsafeRawBufferPointer(plain), at: 0) ^ pad).store(to: output)
        counters.missingFrames &+= UInt64(number - lastNumber - 1)
        counters.entropyBytes &+= UInt64(Self.entropyByteCount)
        readings.noteEntropyFrame()
        lastNumber = number
        lastEntropy = now
        if number == TwelveBitNumber.maximum { askForSessionKey(at: now) }
        return .entropy
    }

    // MARK: Changes of state

    private mutating func identify(_ serial: EntropyKeySerial, at now: Duration) {
        self.serial = serial
        lastHeard = now
        failuresInARow = 0
        if let expected, expected != serial { return refuse(.otherSerial(serial), at: now) }
        guard longTermKey(serial) != nil else { return refuse(.noLongTermKey, at: now) }
        macState = EntropyKeyHash.zeroState(serial)
        if waitsForRequest {
            state = .identified
            updateDeadline()
        } else {
            askForSessionKey(at: now)
        }
    }

    private mutating func askForSessionKey(at now: Duration) {
        nonce = [UInt8](repeating: 0, count: Self.hostNonceByteCount)
        nonce.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: nonceCount.littleEndian, as: UInt32.self)
            fillNonce(UnsafeMutableRawBufferPointer(rebasing: bytes[4...]))
        }
        nonceCount &+= 1
        pending.append(.send(.sessionKey(nonce: nonce)))
        state = .keying
        deadline = now + timing.keying
    }

    /// The first frame under a session key shows that the long-term key is right.
    private mutating func prove(at now: Duration) {
        state = .running
        unprovenSessions = 0
    }

    private mutating func reset(attempt: Int, at now: Duration) {
        pending.append(.send(.reset))
        encryptionState.wipe()
        macState = .zero
        failuresInARow = 0
        lastHeard = now
        state = .resetting(attempt: attempt)
        deadline = now + timing.serial
    }

    private mutating func refuse(_ refusal: Refusal, at now: Duration) {
        encryptionState.wipe()
        state = .refused(refusal)
        deadline = now + timing.refusal
    }

    private mutating func updateDeadline() {
        switch state {
        case .identified: deadline = lastHeard + timing.anyFrame
        case .keyed, .running:
            // A key that has reported a failure sends no entropy; the wait for it begins when that ends.
            let isBad = readings.window.map { !$0.badness.isGood } ?? false
            if isBad { lastEntropy = lastHeard }
            deadline = min(lastHeard + timing.anyFrame, lastEntropy + timing.entropy)
        case .resetting, .silent, .keying, .refused: break
        }
    }

    private mutating func expire(at now: Duration) {
        switch state {
        case .resetting(let attempt) where attempt < Self.resetAttempts:
            reset(attempt: attempt + 1, at: now)
        case .resetting:
            state = .silent
            deadline = now + timing.refusal
            pending.append(.revive)
        case .keying:
            // Perhaps it answers only once it has asked.
            waitsForRequest.toggle()
            unansweredKeyings += 1
            if unansweredKeyings >= Self.resetAttempts {
                unansweredKeyings = 0
                state = .silent
                deadline = now + timing.refusal
                pending.append(.revive)
            } else {
                reset(attempt: 1, at: now)
            }
        case .identified:
            waitsForRequest = false
            reset(attempt: 1, at: now)
        case .silent, .keyed, .running, .refused:
            reset(attempt: 1, at: now)
        }
    }

    package static let entropyByteCount = 32
    /// A counter of 4 bytes and 8 random ones: never the same on a connection, and unknown beforehand.
    private static let hostNonceByteCount = 12
    /// Damaged frames in a row after which the key is taken to have another key than we.
    private static let failuresAllowed = 3
    /// Sessions in a row without a good frame: one may have been damaged.
    private static let unprovenSessionsAllowed = 2
    private static let resetAttempts = 3
}
