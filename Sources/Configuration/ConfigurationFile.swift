// Reads the configuration file from the disk.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import LinuxSystem

extension Configuration {
    /// Where the file lies when nobody names another.
    package static let standardPath = "/etc/wellspring/wellspring.yaml"

    /// The configuration of the file at `path`. Without a path that of the standard file, or the
    /// defaults where that does not exist; a file that is named must be there.
    package static func load(
        path: String? = nil,
        directories: RuntimeDirectories
    ) throws(ConfigurationError) -> Configuration {
        try load(path: path, standardPath: standardPath, directories: directories)
    }

    static func load(
        path: String?,
        standardPath: String,
        directories: RuntimeDirectories
    ) throws(ConfigurationError) -> Configuration {
        let file = path ?? standardPath
        guard let bytes = try contents(of: file, mayBeAbsent: path == nil) else {
            return .default(for: directories)
        }
        return try Configuration(parsing: bytes, file: file, directories: directories)
    }

    /// Nil: absent, where that is allowed.
    private static func contents(
        of file: String,
        mayBeAbsent: Bool
    ) throws(ConfigurationError) -> [UInt8]? {
        // O_NONBLOCK: a FIFO would hold the daemon up before it can be refused.
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT && mayBeAbsent { return nil }
            throw ConfigurationError(file: file, cannotRead(errno))
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else {
            throw ConfigurationError(file: file, cannotRead(errno))
        }
        switch facts.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR:
            throw ConfigurationError(file: file, "is a directory: name the file in it")
        default:
            throw ConfigurationError(file: file, "is not a regular file: name one")
        }
        // One byte more than allowed tells a file that is too big.
        var bytes = [UInt8](repeating: 0, count: ConfigurationDocument.greatestByteCount + 1)
        var count = 0
        while count < bytes.count {
            let received = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress! + count, buffer.count - count)
            }
            if received == 0 { break }
            if received < 0 {
                if errno == EINTR { continue }
                throw ConfigurationError(file: file, cannotRead(errno))
            }
            count += received
        }
        guard count < bytes.count else {
            throw ConfigurationError(
                file: file,
                "has more than \(bytes.count - 1) bytes: that is not a configuration"
            )
        }
        return Array(bytes[..<count])
    }

    private static func cannotRead(_ code: Int32) -> String {
        let hint =
            switch code {
            case ENOENT: "create it, or start without naming a file to use the defaults"
            case EACCES: "let the user who starts Wellspring read it"
            default: "check the path and the disk"
            }
        return "cannot be read (\(errorText(code))): \(hint)"
    }
}
