// Small text files of /proc and /sys.
// SPDX-License-Identifier: Apache-2.0

internal import CWellspring
internal import Glibc

/// The first 64 KiB of a file as text, or nil when it cannot be read. Invalid UTF-8 is repaired.
func systemText(at path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: longestText)
    var filled = 0
    while filled < longestText {
        let count = bytes[filled...].withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
        if count < 0 { return nil }
        if count == 0 { break }
        filled += count
    }
    return String(decoding: bytes[..<filled], as: UTF8.self)
}

/// The same without blanks and line ends around it; nil when nothing is left.
func systemLine(at path: String) -> String? {
    guard let text = systemText(at: path) else { return nil }
    let line = text.drop { $0.isWhitespace }.prefix { !$0.isNewline }
    return line.isEmpty ? nil : String(line)
}

/// Bytes. The first processor of /proc/cpuinfo, which is all that is used, takes about 2 KiB.
private let longestText = 65_536
