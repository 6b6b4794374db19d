// The long-term keys of this host, as all its Entropy Keys' threads see them.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A keyring that may be read anew while keys are at work. Knows no file.
package final class SharedKeyring: Sendable {
    private let state: Mutex<State>

    private struct State {
        var keyring: Keyring
        var place: String
        var trouble: String?
    }

    /// `place`: where it was read from, for messages. `trouble`: why it could not be read.
    package init(_ keyring: Keyring = Keyring(), place: String, trouble: String? = nil) {
        state = Mutex(State(keyring: keyring, place: place, trouble: trouble))
    }

    /// Takes the place of all keys; those at work go on with the session that they have.
    package func replace(with keyring: Keyring, place: String, trouble: String? = nil) {
        state.withLock { state in
            state.keyring = keyring
            state.place = place
            state.trouble = trouble
        }
    }

    package func longTermKey(for serial: EntropyKeySerial) -> EntropyKeySecret? {
        state.withLock { $0.keyring }.longTermKey(for: serial)
    }

    /// Where a key that is missing was looked for, and why it may be missing: a clause.
    package var words: String {
        let (place, trouble) = state.withLock { ($0.place, $0.trouble) }
        return trouble.map { "\(place): \($0)" } ?? place
    }
}
