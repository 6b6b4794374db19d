// What a conversation with an Entropy Key can be at, and what it asks of its owner.
// SPDX-License-Identifier: Apache-2.0

extension EntropyKeySession {
    /// What the owner does next.
    package enum Action: Sendable, Equatable {
        /// Write these bytes, in one piece.
        case send(EntropyKeyCommand)
        /// 32 bytes of entropy are in the output.
        case entropy
        /// The readings are new.
        case readings
        /// The key does not answer to ^C: it needs a harder push, then ``restart(at:)``.
        case revive
    }

    /// Where the conversation stands.
    package enum State: Sendable, Equatable {
        /// ^C was sent and the serial number is waited for.
        case resetting(attempt: Int)
        /// No answer to any ^C.
        case silent
        /// Its number is known; it has not asked for a session key yet.
        case identified
        /// A session key was asked for.
        case keying
        /// A session key is agreed, and nothing has come under it yet.
        case keyed
        case running
        case refused(Refusal)
    }

    /// Why there is no session. The key is asked again from time to time.
    package enum Refusal: Sendable, Equatable {
        /// The keyring has no long-term key for it.
        case noLongTermKey
        /// Frames fail under every session key: the keyring's long-term key is another one.
        case wrongLongTermKey
        /// Another key than the expected one answers.
        case otherSerial(EntropyKeySerial)
        /// The key gave up keying, since its generators are bad.
        case generatorsBad
    }
}
