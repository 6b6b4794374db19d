// Giving an Entropy Key a new long-term key with the master key of its card: a pure state machine.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy

/// One rekeying on a connection of its own. The owner's loop is that of ``EntropyKeySession``; it ends
/// with the new key or a failure. The new key is to be stored before anything else is done: the device
/// has it already, and the old one is gone.
package struct EntropyKeyRekeying: ~Copyable {
    package enum Action: Sendable {
        case send(EntropyKeyCommand)
        case done(EntropyKeySerial, EntropyKeySecret)
        case failed(Failure)
    }

    package enum Failure: Sendable, Equatable {
        /// It does not answer to ^C.
        case silent
        case otherSerial(EntropyKeySerial)
        /// It did not take the MAC: the master key is not that of this key.
        case refused
        case generatorsBad
        /// It was asked for the new key and has not answered: which one it has is not known.
        case uncertain
        /// It answered something else.
        case unexpected
    }

    private enum State {
        case resetting(attempt: Int)
        case unlocking(EntropyKeySerial)
        case keying(EntropyKeySerial)
        case ended
    }

    /// When ``next(at:)`` is to be called though no bytes came.
    package private(set) var deadline = Duration.zero

    private let expected: EntropyKeySerial?
    private let masterKey: EntropyKeySecret
    private let timing: EntropyKeyTiming
    private let nonce: [UInt8]
    private var scanner = FrameScanner()
    private var state = State.resetting(attempt: 0)
    private var pending: [Action] = []

    /// - Parameters:
    ///   - expected: the serial number that the device must have; nil takes any.
    ///   - nonce: 12 bytes that were never used before.
    package init(
        expecting expected: EntropyKeySerial?,
        masterKey: EntropyKeySecret,
        nonce: [UInt8],
        timing: EntropyKeyTiming = .standard,
        at now: Duration
    ) {
        self.expected = expected
        self.masterKey = masterKey
        self.nonce = nonce
        self.timing = timing
        reset(attempt: 1, at: now)
    }

    /// As ``EntropyKeySession/read(_:)``.
    package mutating func read(_ body: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        scanner.fill(body)
    }

    /// The next thing to do; nil when more bytes or the ``deadline`` are needed.
    package mutating func next(at now: Duration) -> Action? {
        while true {
            if !pending.isEmpty { return pending.removeFirst() }
            if case .ended = state { return nil }
            if let frame = scanner.next() {
                hear(frame, at: now)
            } else {
                guard now >= deadline else { return nil }
                expire(at: now)
            }
        }
    }

    private mutating func hear(_ frame: EntropyKeyFrame, at now: Duration) {
        switch state {
        case .resetting:
            guard let serial = frame.provenSerial else { return }
            if let expected, expected != serial { return fail(.otherSerial(serial)) }
            state = .unlocking(serial)
            deadline = now + timing.keying
            pending.append(.send(.unlockLongTerm(mac: unlockingMAC(serial))))
        case .unlocking(let serial):
            guard frame.isAuthentic(under: EntropyKeyHash.zeroState(serial)) else { return }
            switch frame.kind {
            case .longTermUnlocked:
                state = .keying(serial)
                deadline = now + timing.keying
                pending.append(.send(.longTermKey(nonce: nonce)))
            case .longTermRefused: fail(.refused)
            case .unknownInput: fail(.unexpected)
            default: break
            }
        case .keying(let serial):
            guard frame.isAuthentic(under: EntropyKeyHash.zeroState(serial)) else { return }
            switch frame.kind {
            case .longTermKey: take(frame, serial)
            case .longTermRefused: fail(.refused)
            case .generatorsBad: fail(.generatorsBad)
            case .unknownInput: fail(.unexpected)
            default: break
            }
        case .ended: break
        }
    }

    private mutating func take(_ frame: EntropyKeyFrame, _ serial: EntropyKeySerial) {
        guard frame.subcode == nonce.count else { return fail(.uncertain) }
        let key = masterKey.withBytes {
            frame.agreedKey(.longTermKeying, serial: serial, secret: $0, hostNonce: nonce)
        }
        guard let key else { return fail(.uncertain) }
        state = .ended
        pending.append(.done(serial, key.secret))
    }

    private func unlockingMAC(_ serial: EntropyKeySerial) -> UInt64 {
        masterKey.withBytes { secret in
            nonce.withUnsafeBytes {
                EntropyKeyHash.mac(
                    $0,
                    EntropyKeyHash.state(.longTermMAC, serial: serial, secret: secret)
                )
            }
        }
    }

    private mutating func expire(at now: Duration) {
        switch state {
        case .resetting(let attempt) where attempt < Self.resetAttempts:
            reset(attempt: attempt + 1, at: now)
        case .resetting: fail(.silent)
        case .unlocking: fail(.unexpected)
        case .keying: fail(.uncertain)
        case .ended: break
        }
    }

    private mutating func reset(attempt: Int, at now: Duration) {
        state = .resetting(attempt: attempt)
        deadline = now + timing.serial
        pending.append(.send(.reset))
    }

    private mutating func fail(_ failure: Failure) {
        state = .ended
        pending.append(.failed(failure))
    }

    /// Bytes of the ``nonce`` that is expected.
    package static let nonceByteCount = 12
    private static let resetAttempts = 3
}
