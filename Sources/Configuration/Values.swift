// Values of a configuration that cannot hold nonsense.
// SPDX-License-Identifier: Apache-2.0

/// An amount of memory or data in bytes, never negative.
package struct ByteSize: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let byteCount: Int

    package init(_ byteCount: Int) {
        precondition(byteCount >= 0, "a size is not negative")
        self.byteCount = byteCount
    }

    package static func < (a: ByteSize, b: ByteSize) -> Bool { a.byteCount < b.byteCount }

    /// In the largest binary unit that divides it, as the file would write it.
    package var description: String {
        for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)]
        where byteCount > 0 && byteCount % (1 << shift) == 0 {
            return "\(byteCount >> shift)\(unit)"
        }
        return "\(byteCount)"
    }
}

/// A share of a whole, in 0...1.
package struct Fraction: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let value: Double

    /// Nil outside 0...1 or for NaN.
    package init?(_ value: Double) {
        guard (0...1).contains(value) else { return nil }
        self.value = value
    }

    package static func < (a: Fraction, b: Fraction) -> Bool { a.value < b.value }
    package var description: String { "\(value)" }
}

/// Permission bits of a file, 0...0777.
package struct FileMode: Sendable, Hashable, CustomStringConvertible {
    package let bits: UInt32

    /// Nil where bits beyond the permissions are set.
    package init?(_ bits: UInt32) {
        guard bits <= 0o777 else { return nil }
        self.bits = bits
    }

    package var description: String {
        let digits = String(bits, radix: 8)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}

/// The name of a user or group, or its number in decimal; whether it exists is not known here.
package struct AccountName: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    /// Nil for what useradd(8) would refuse: 1 to 32 letters, digits, `_`, `.` and `-`, not
    /// beginning with `-` or `.`.
    package init?(_ text: String) {
        guard (1...32).contains(text.utf8.count), text.first != "-", text.first != ".",
            text.utf8.allSatisfy({ isAlphanumeric($0) || "_.-".utf8.contains($0) })
        else { return nil }
        self.text = text
    }

    package var description: String { text }
}

/// A path that begins with a slash and holds no NUL byte. Nothing is known about what lies there.
package struct AbsolutePath: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    package init?(_ text: String) {
        guard text.hasPrefix("/"), !text.utf8.contains(0) else { return nil }
        self.text = text
    }

    package var description: String { text }

    /// The path of `name`, a file name, in this directory.
    package func appending(_ name: String) -> AbsolutePath {
        AbsolutePath(joining: text.hasSuffix("/") ? text + name : text + "/" + name)
    }

    private init(joining text: String) { self.text = text }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}
