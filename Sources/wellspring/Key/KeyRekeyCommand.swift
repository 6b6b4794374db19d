// `wellspring key rekey`: gives an Entropy Key and this host a new long-term key, with the master key of its card.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Daemon
internal import Entropy
internal import EntropyKeyDevice
internal import EntropyKeyProtocol
internal import Glibc
internal import LinuxSystem

struct KeyRekeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey",
        abstract: "Give a key and this host a new long-term key, with the master key of its card.",
        discussion: """
            Needed for a new key, and for one that another host has rekeyed. The master key is asked for without being \
            shown, or read from a file or standard input; it is never a word of the command line. The new key is on \
            the disk before anything else happens; the old one stays in the keyring as a comment.

            A running daemon lets the key go meanwhile and takes it back with the new long-term key.

            Exit status: 0 done, 1 the key or the card refused, 69 no such key or no answer, 74 the keyring cannot be \
            written, 77 not permitted.
            """
    )

    @Argument(help: "The key's serial number; may be left out where one key is plugged in.")
    var serial: EntropyKeySerial?

    @Option(
        help: ArgumentHelp(
            "The key's terminal or socket, instead of looking for it on USB.",
            valueName: "path"
        )
    )
    var device: String?

    @Option(
        help: ArgumentHelp(
            "A file with the card's 44 characters, or - for standard input.",
            valueName: "file"
        )
    )
    var masterKey: String?

    @Option(help: ArgumentHelp("The keyring file.", valueName: "file"))
    var keyring = KeyringFile.standardPath

    @OptionGroup var control: ControlSocketOption

    func run() throws {
        let target = try target()
        let file = KeyringFile(path: keyring)
        // Where ekeyd was never installed. What fails here is said below.
        if keyring == KeyringFile.standardPath { mkdir(KeyringFile.standardFolder, 0o755) }
        let change: KeyringChange
        do {
            // Before the key forgets the old one.
            change = try file.beginChange()
        } catch {
            throw Terminal.fail(error, ExitStatus.inputOutput)
        }
        try Interruption.watch()
        let master = try readMasterKey()
        let removal = "key remove \(tag(target))"
        let isHeld = (try? ControlClient.change(removal, path: control.path())) != nil
        defer { if isHeld { giveBack(target) } }
        switch try rekey(target, master) {
        case .failed(let reason, let status): throw Terminal.fail(text: reason, status)
        case .done(let number, let key):
            do {
                try change.set(key, for: number, on: .today)
            } catch {
                Terminal.note(
                    "wellspring: \(error). THE KEY HAS A NEW LONG-TERM KEY THAT IS NOT STORED: mend this, "
                        + "then rekey again."
                )
                throw ExitStatus.inputOutput
            }
            Terminal.print("\(number) has a new long-term key, which is in \(keyring)")
            letDaemonRead()
        }
    }

    // MARK: Which key

    private func target() throws -> KeyTarget {
        let locator = KeyLocator()
        if let device { return locator.target(path: device) }
        let keys = locator.all()
        let meant = serial.map { serial in keys.filter { $0.serial == serial } } ?? keys
        guard meant.count == 1, let found = meant.first else {
            let known = keys.compactMap(\.serial?.description).joined(separator: ", ")
            let reason =
                if keys.isEmpty {
                    "no Entropy Key is plugged in"
                } else if meant.isEmpty {
                    "no Entropy Key \(serial?.description ?? "") is plugged in; there are: \(known)"
                } else {
                    "several Entropy Keys are plugged in: say which one, of \(known)"
                }
            throw Terminal.fail(text: reason, ExitStatus.unavailable)
        }
        return .usb(found)
    }

    private func tag(_ target: KeyTarget) -> String {
        switch target {
        case .usb(let location):
            location.serial?.description ?? location.terminal ?? location.name
        case .path(let path): path
        }
    }

    private func readMasterKey() throws -> EntropyKeySecret {
        do {
            let text = try SecretInput(path: masterKey).read(asking: "Master key of the card: ")
            return try text.withBytes { try MasterKeyCard.read($0) }
        } catch let error as ExitCode {
            throw error
        } catch {
            throw Terminal.fail(error)
        }
    }

    // MARK: Speaking with it

    private enum Outcome {
        case done(EntropyKeySerial, EntropyKeySecret)
        case failed(String, ExitCode)
    }

    private func rekey(_ target: KeyTarget, _ master: EntropyKeySecret) throws -> Outcome {
        let connection: KeyConnection
        do throws(KeyDeviceError) {
            connection = try KeyConnection.open(target)
        } catch {
            let status =
                error.code == .notPermitted ? ExitStatus.notPermitted : ExitStatus.unavailable
            throw Terminal.fail(error, status)
        }
        defer { connection.close() }
        let printed: EntropyKeySerial? =
            if case .usb(let location) = target { location.serial } else { nil }
        var nonce = [UInt8](repeating: 0, count: EntropyKeyRekeying.nonceByteCount)
        nonce.withUnsafeMutableBytes { Nonces.fill($0) }
        var conversation = EntropyKeyRekeying(
            expecting: serial ?? printed,
            masterKey: master,
            nonce: nonce,
            at: SystemClock.awake
        )
        var hasAsked = false
        while true {
            while let action = conversation.next(at: SystemClock.awake) {
                switch action {
                case .send(let command):
                    if case .longTermKey = command { hasAsked = true }
                    _ = try command.bytes.withUnsafeBytes { try connection.write($0) }
                case .done(let number, let key): return .done(number, key)
                case .failed(let failure): return Self.words(failure)
                }
            }
            // Once it was asked for a new key, only its answer tells which one it has.
            let wake = hasAsked ? -1 : Interruption.descriptor
            switch waitForInput(connection.descriptor, wake: wake, until: conversation.deadline) {
            case .woken: throw ExitCode(Interruption.exitStatus)
            case .timedOut: continue
            case .ready: break
            }
            var failure: KeyDeviceError?
            _ = conversation.read { memory in
                do throws(KeyDeviceError) {
                    return try connection.read(into: memory)
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw Terminal.fail(failure, ExitStatus.unavailable) }
        }
    }

    private static func words(_ failure: EntropyKeyRekeying.Failure) -> Outcome {
        switch failure {
        case .silent:
            .failed(
                "the key gives no answer. Pull it out and plug it in again.",
                ExitStatus.unavailable
            )
        case .otherSerial(let serial):
            .failed(
                "the key says that it is \(serial). Nothing was changed; take the card of that key.",
                ExitStatus.failure
            )
        case .refused:
            .failed(
                "the key refused the master key. Nothing was changed; is it the card of this key?",
                ExitStatus.failure
            )
        case .generatorsBad:
            .failed(
                "the key says that its generators are bad. Nothing was changed; pull it out and plug it "
                    + "in again, and when that does not help, it is broken.",
                ExitStatus.failure
            )
        case .uncertain:
            .failed(
                "the key was asked for a new long-term key and gave no answer that can be understood: which "
                    + "one it has is not known. Rekey it again.",
                ExitStatus.failure
            )
        case .unexpected:
            .failed(
                "the key answered something else. Nothing was changed; try again.",
                ExitStatus.failure
            )
        }
    }

    // MARK: The daemon

    private func giveBack(_ target: KeyTarget) {
        let path: String? =
            switch target {
            case .usb(let location): location.terminal
            case .path(let path): path
            }
        guard let path else { return }
        do {
            Terminal.print(try ControlClient.change("key add \(path)", path: control.path()))
        } catch {
            Terminal.note("wellspring: the daemon does not take the key back: \(error)")
        }
    }

    /// A daemon that was started by root reads the keyring as root once, and not again.
    private func letDaemonRead() {
        guard let path = try? control.path(), let daemon = ControlClient.identity(path: path),
            daemon.user != 0
        else { return }
        var facts = stat()
        guard stat(keyring, &facts) == 0, facts.st_uid != daemon.user else { return }
        let groupReads = facts.st_gid == daemon.group && facts.st_mode & 0o040 != 0
        guard !groupReads, facts.st_mode & 0o004 == 0 else { return }
        guard chown(keyring, facts.st_uid, daemon.group) == 0,
            chmod(keyring, facts.st_mode & 0o777 | 0o040) == 0
        else {
            return Terminal.note(
                "wellspring: the daemon's group \(daemon.group) may not read \(keyring): "
                    + "chgrp \(daemon.group) \(keyring); chmod g+r \(keyring)"
            )
        }
        Terminal.print("group \(daemon.group) may read \(keyring) now, so that the daemon can")
        guard daemon.group == Self.sharedGroup else { return }
        Terminal.note(
            "wellspring: other programs may be in that group: make a user wellspring, and the daemon is "
                + "that from its next start on"
        )
    }

    /// Of the user nobody: the overflow group of Linux (/proc/sys/kernel/overflowgid).
    private static let sharedGroup: UInt32 = 65_534
}

extension String {
    /// Day, UTC.
    fileprivate static var today: String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + "\(number)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    }
}
