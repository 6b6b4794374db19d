// Reading small files of /proc and /sys below a root that tests can replace.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A file tree with the layout of `/`. Missing and unreadable files are nil, never an error: every
/// fact a kernel shows is optional.
struct SystemTree {
    /// Without a slash at its end; empty for the real one.
    var root: String

    /// The file's text without white space at its ends. At most ``sizeLimit`` bytes are read.
    func text(_ path: String) -> String? {
        let file = open(root + path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Self.sizeLimit)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes {
                read(file, $0.baseAddress! + count, $0.count - count)
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { return nil }
            guard got > 0 else { break }
            count += got
        }
        let text = bytes[..<count]
        guard let first = text.firstIndex(where: { !Self.isSpace($0) }),
            let last = text.lastIndex(where: { !Self.isSpace($0) })
        else { return "" }
        return String(decoding: text[first...last], as: UTF8.self)
    }

    /// A whole decimal number, not negative; nil for anything else.
    func number(_ path: String) -> Int? {
        guard let text = text(path), !text.isEmpty, text.utf8.allSatisfy(Self.isDigit) else {
            return nil
        }
        return Int(text)
    }

    func exists(_ path: String) -> Bool {
        access(root + path, F_OK) == 0
    }

    /// Names in a folder, without those that begin with a dot; empty when it cannot be listed.
    func names(in path: String) -> [String] {
        guard let folder = opendir(root + path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte <= 0x20 }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Bytes. The first processor of /proc/cpuinfo, the longest text read, takes about 1.5 kB.
    private static let sizeLimit = 8192
}
