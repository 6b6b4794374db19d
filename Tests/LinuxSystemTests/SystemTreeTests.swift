// Small files below a root: text, lines, numbers and what is missing.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxSystem
import Testing
import WellspringTesting

@Suite("SystemTree")
struct SystemTreeTests {
    let directory = TemporaryDirectory()
    var tree: SystemTree { SystemTree(root: directory.path) }

    @Test("text comes without white space at its ends")
    func text() {
        directory.write(" \n first \u{E9}\r\n", to: "text")
        #expect(tree.text("/text") == "first \u{E9}")
        directory.write("\n \n", to: "blank")
        #expect(tree.text("/blank") == "")
        #expect(tree.text("/missing") == nil)
        #expect(SystemTree().text("/proc/self") == nil)
    }

    @Test("a line is the first that is not blank")
    func line() {
        directory.write("\n\n one \n two\n", to: "lines")
        #expect(tree.line("/lines") == "one ")
        directory.write(" \n", to: "blank")
        #expect(tree.line("/blank") == nil)
        #expect(tree.line("/missing") == nil)
    }

    @Test(
        "a number is digits and nothing else",
        arguments: [("256\n", 256), ("0", 0), ("-1", nil), ("1 2", nil), ("", nil), ("0x10", nil)]
            as [(String, Int?)]
    )
    func number(text: String, expected: Int?) {
        directory.write(text, to: "number")
        #expect(tree.number("/number") == expected)
    }

    @Test("contents are whole however long, or cut at the limit, and repaired")
    func contents() {
        let long = String(repeating: "0123456789", count: 2_000) + "\n"
        directory.write(long, to: "long")
        #expect(tree.contents("/long") == long)
        #expect(tree.contents("/long", byteLimit: 4_099)?.utf8.count == 4_099)
        directory.write("\u{E9}", to: "accent")
        #expect(tree.contents("/accent", byteLimit: 1) == "\u{FFFD}")
    }

    @Test("files are found and folders listed")
    func names() {
        directory.write("", to: "folder/b")
        directory.write("", to: "folder/.hidden")
        #expect(tree.names(in: "/folder") == ["b"])
        #expect(tree.names(in: "/missing") == [])
        #expect(tree.exists("/folder/b") && !tree.exists("/folder/c"))
    }

    @Test("links are followed inside the tree, and only there")
    func links() {
        directory.write("", to: "dev/tty")
        symlink("../dev/tty", directory.file("dev/link"))
        symlink("/etc/passwd", directory.file("dev/outside"))
        #expect(tree.linkedName("/dev/link") == "tty")
        #expect(tree.linkedName("/dev/tty") == nil)
        #expect(tree.resolved("/dev/link") == "/dev/tty")
        #expect(tree.resolved("/dev/outside") == nil)
        #expect(tree.resolved("/dev/missing") == nil)
        #expect(SystemTree().resolved("/proc/../proc") == "/proc")
    }

    @Test("what can be read and written is usable")
    func usable() {
        directory.write("", to: "file")
        #expect(tree.isUsable("/file") && !tree.isUsable("/missing"))
    }
}
