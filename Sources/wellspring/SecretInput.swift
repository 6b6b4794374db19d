// A secret that a person gives: typed without echo, through standard input, or in a file.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Entropy
internal import Glibc
internal import LinuxSystem

/// Where the secret comes from. Never the command line, which every user of the machine can see.
enum SecretInput {
    /// Typed at the controlling terminal, without being shown.
    case prompt
    /// The first line of standard input; where that is a terminal, it is a prompt.
    case standardInput
    /// The first line of a file.
    case file(String)

    /// `-` is standard input, nil the prompt.
    init(path: String?) {
        self =
            switch path {
            case nil: .prompt
            case "-": .standardInput
            case let path?: .file(path)
            }
    }

    /// The line without its end, and at least one byte. ^C and SIGTERM end the program's work in order,
    /// with the terminal as it was.
    func read(asking question: String) throws -> SecretBytes {
        if Interruption.descriptor < 0 { try Interruption.watch() }
        let memory = SecretBytes(count: greatestByteCount + 1)
        let outcome = try memory.withMutableBytes { try read(into: $0, asking: question) }
        switch outcome {
        case .woken: throw ExitCode(Interruption.exitStatus)
        case .tooLong:
            throw SecretInputError(
                "\(place) has a line of more than \(greatestByteCount) bytes. That is no secret of a key."
            )
        case .line(0): throw SecretInputError("\(place) is empty. Nothing was changed.")
        case .line(let count):
            let line = SecretBytes(count: count)
            memory.withBytes { memory in
                line.withMutableBytes {
                    $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
                }
            }
            return line
        }
    }

    private func read(
        into memory: UnsafeMutableRawBufferPointer,
        asking question: String
    ) throws -> LineInput.Outcome {
        let wake = Interruption.descriptor
        switch self {
        case .standardInput where isatty(0) == 0:
            return try LineInput.read(from: 0, named: "standard input", into: memory, wake: wake)
        case .prompt, .standardInput:
            let terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
            guard terminal >= 0 else {
                throw SecretInputError(
                    "There is no terminal to ask at. Give the secret in a file, or - for standard input."
                )
            }
            defer { close(terminal) }
            return try LineInput.readHidden(
                from: terminal,
                asking: question,
                into: memory,
                wake: wake
            )
        case .file(let path):
            // A FIFO without a writer is at its end, instead of holding up what ^C shall end.
            let descriptor = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else { throw SystemError("open \(path)") }
            defer { close(descriptor) }
            return try LineInput.read(from: descriptor, named: path, into: memory, wake: wake)
        }
    }

    private var place: String {
        switch self {
        case .prompt: "What was typed"
        case .standardInput: "Standard input"
        case .file(let path): path
        }
    }
}

struct SecretInputError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Bytes. A printed master key has 44 characters; this leaves room for blanks.
private let greatestByteCount = 1024
