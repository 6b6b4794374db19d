// What the source of an Entropy Key says to people.
// SPDX-License-Identifier: Apache-2.0

internal import Entropy
internal import EntropyKeyDevice
internal import EntropyKeyProtocol
internal import LinuxSystem
internal import NoiseSources

extension EntropyKeySource {
    func error(_ failure: KeyDeviceError) -> NoiseSourceError {
        let code: NoiseSourceError.Code =
            switch failure.code {
            case .unavailable, .busy: .unavailable
            case .notPermitted: .notPermitted
            case .deviceGone: .deviceGone
            case .invalid: .invalidSetting
            case .inputOutput: .inputOutput
            }
        return NoiseSourceError(
            code,
            source: descriptor.name,
            failure.reason,
            errorNumber: failure.errorNumber,
            hint: failure.hint
        )
    }

    func error(_ refusal: EntropyKeySession.Refusal) -> NoiseSourceError {
        let serial = session.serial?.description ?? "this key"
        let (code, reason, hint): (NoiseSourceError.Code, String, String) =
            switch refusal {
            case .noLongTermKey:
                (
                    .unavailable, "no long-term key for \(serial) in \(key.keyring.words)",
                    "Give it one with the master key of its card: wellspring key rekey \(serial)"
                )
            case .wrongLongTermKey:
                (
                    .unavailable,
                    "the long-term key of \(serial) in \(key.keyring.words) is not the key's own",
                    "It was given another one elsewhere: wellspring key rekey \(serial)"
                )
            case .otherSerial(let other):
                (
                    .invalidSetting, "the key says that it is \(other)",
                    "Another key is meant: correct serial or path, or exchange the keys."
                )
            case .generatorsBad:
                (
                    .stuck, "the key \(serial) says that its generators are bad",
                    "It stays so until it loses power; when that does not help, it is broken."
                )
            }
        return NoiseSourceError(code, source: descriptor.name, reason, hint: hint)
    }
}

extension EntropyKeySession.State {
    /// For people; the words of ekeyd's table where they mean the same.
    var words: String {
        switch self {
        case .resetting(let attempt):
            attempt > 1
                ? "waiting for its number, ^C sent \(attempt) times" : "waiting for its number"
        case .silent: "no answer"
        case .identified: "Serial ok"
        case .keying: "agreeing on a session key"
        case .keyed: "session key agreed"
        case .running: "Running OK"
        case .refused(.noLongTermKey): "no long-term key"
        case .refused(.wrongLongTermKey): "Long-Term-Key is bad"
        case .refused(.otherSerial): "another key"
        case .refused(.generatorsBad): "generators are bad"
        }
    }
}

extension RecoveryOutcome {
    /// A clause: the step, how long it took and what became of it.
    var words: String {
        let milliseconds = duration.wholeNanoseconds / 1_000_000
        let time = "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
        return switch result {
        case .done: "\(step.rawValue) done in \(time)"
        case .skipped(let reason): "\(step.rawValue) skipped, since \(reason)"
        case .failed(let error): "\(step.rawValue) failed after \(time): \(error)"
        case .interrupted: "\(step.rawValue) interrupted"
        }
    }
}
