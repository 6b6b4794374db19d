// Reading small text files of /proc, /sys and /etc below a root that tests can replace.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A file tree with the layout of `/`. Missing and unreadable files are nil, never an error: every
/// fact a kernel shows is optional.
package struct SystemTree: Sendable {
    private let root: String

    /// `root` has no slash at its end; it is empty for the real one.
    package init(root: String = "") {
        self.root = root
    }

    /// The file's first `byteLimit` bytes as they are. Invalid UTF-8 is repaired.
    package func contents(_ path: String, byteLimit: Int = .max) -> String? {
        let file = open(root + path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while text.count < byteLimit {
            let count = read(file, &chunk, min(chunk.count, byteLimit - text.count))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            text += chunk[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The text without white space at its ends. At most ``sizeLimit`` bytes are read.
    package func text(_ path: String) -> String? {
        guard let contents = contents(path, byteLimit: Self.sizeLimit) else { return nil }
        let bytes = contents.utf8
        guard let first = bytes.firstIndex(where: { !Self.isSpace($0) }),
            let last = bytes.lastIndex(where: { !Self.isSpace($0) })
        else { return "" }
        return String(Substring(bytes[first...last]))
    }

    /// The first line that is not blank, without white space at its ends; nil when there is none.
    package func line(_ path: String) -> String? {
        text(path)?.split(separator: "\n").first.map(String.init)
    }

    /// A whole decimal number, not negative; nil for anything else.
    package func number(_ path: String) -> Int? {
        guard let text = text(path), !text.isEmpty, text.utf8.allSatisfy(Self.isDigit) else {
            return nil
        }
        return Int(text)
    }

    package func exists(_ path: String) -> Bool {
        access(root + path, F_OK) == 0
    }

    /// Whether this process may read and write it.
    package func isUsable(_ path: String) -> Bool {
        access(root + path, R_OK | W_OK) == 0
    }

    /// The last part of where a symbolic link points; nil when it is none.
    package func linkedName(_ path: String) -> String? {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(root + path, &target, target.count)
        guard count > 0 else { return nil }
        let bytes = target[..<count].map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "/").last.map(String.init)
    }

    /// The path with every link on its way followed; nil when it leads nowhere or out of this tree.
    package func resolved(_ path: String) -> String? {
        guard let target = Self.realPath(root + path) else { return nil }
        guard !root.isEmpty else { return target }
        guard let top = Self.realPath(root), target.hasPrefix(top + "/") else { return nil }
        return String(target.dropFirst(top.count))
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Names in a folder, without those that begin with a dot; empty when it cannot be listed.
    package func names(in path: String) -> [String] {
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

    /// Bytes. The first processor of /proc/cpuinfo, the longest text read, takes about 2 kB.
    private static let sizeLimit = 8192
}
