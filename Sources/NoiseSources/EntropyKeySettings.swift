// What a configuration may say about an Entropy Key.
// SPDX-License-Identifier: Apache-2.0

package import EntropyKeyProtocol

package struct EntropyKeySettings: Sendable {
    /// The key that is meant, by its number; any, when a path is given or only one is there.
    package var serial: EntropyKeySerial?
    package var access = KeyAccess.auto
    /// The last step that a silent key may be revived with; nil: none.
    package var recoveryLimit: RecoveryStep? = .powerCycle
    package var limits = EntropyKeyVouching.Limits.standard
    package var keyring = SharedKeyring(place: "no keyring")
    package var orders = EntropyKeyOrders()

    package init() {}
}
