// The configuration file on the disk, and what may lie in its place.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import Glibc
import Testing

@Suite("Configuration file on disk")
struct ConfigurationFileTests {
    @Test("a file is read, and named in its errors")
    func reads() throws {
        try withTemporaryDirectory([name]) { directory in
            let file = "\(directory)/\(name)"
            try write(Array("log: { level: debug }\n".utf8), to: file)
            let read = try Configuration.load(path: file, directories: directories)
            #expect(read.log.level == .debug)
            try write(Array("log: { level: 5 }\n".utf8), to: file)
            #expect(refusal(file)?.hasPrefix("\(file):1:15: log.level: \"5\" is none of") == true)
        }
    }

    @Test("a file that is named must be there")
    func absent() throws {
        try withTemporaryDirectory { directory in
            let file = "\(directory)/\(name)"
            #expect(
                refusal(file)
                    == "\(file): cannot be read (No such file or directory): create it, or start "
                    + "without naming a file to use the defaults"
            )
        }
    }

    @Test("what is no file is refused with the reason", arguments: NotAFile.allCases)
    func refuses(_ kind: NotAFile) throws {
        try withTemporaryDirectory([name]) { directory in
            let file = "\(directory)/\(name)"
            let message: String
            switch kind {
            case .directory:
                try #require(mkdir(file, 0o700) == 0)
                message = "is a directory: name the file in it"
            case .fifo:
                try #require(mkfifo(file, 0o600) == 0)
                message = "is not a regular file: name one"
            case .loop:
                try #require(symlink(file, file) == 0)
                message =
                    "cannot be read (Too many levels of symbolic links): check the path and the disk"
            case .huge:
                try write([UInt8](repeating: UInt8(ascii: "#"), count: 200_000), to: file)
                message = "has more than 131072 bytes: that is not a configuration"
            }
            #expect(refusal(file) == "\(file): \(message)")
        }
    }

    enum NotAFile: CaseIterable, Sendable { case directory, fifo, loop, huge }

    @Test("a file that may not be read is refused", .enabled(if: getuid() != 0))
    func unreadable() throws {
        try withTemporaryDirectory([name]) { directory in
            let file = "\(directory)/\(name)"
            try write([], to: file)
            try #require(chmod(file, 0) == 0)
            #expect(
                refusal(file)
                    == "\(file): cannot be read (Permission denied): let the user who starts "
                    + "Wellspring read it"
            )
        }
    }

    private func refusal(_ file: String) -> String? {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(path: file, directories: directories)
        }
        return error?.description
    }

    private let name = "wellspring.yaml"
}
