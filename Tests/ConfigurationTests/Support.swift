// What the configuration's tests share.
// SPDX-License-Identifier: Apache-2.0

import Configuration
import Glibc
import Testing

let directories = RuntimeDirectories.system

func parse(_ text: String) throws(ConfigurationError) -> Configuration {
    try parse(Array(text.utf8))
}

func parse(_ bytes: [UInt8]) throws(ConfigurationError) -> Configuration {
    try Configuration(parsing: bytes, file: "wellspring.yaml", directories: directories)
}

/// What a user reads about a file that is refused; nil for one that is not.
func complaints(_ bytes: [UInt8]) -> String? {
    do {
        _ = try parse(bytes)
        return nil
    } catch {
        return error.description
    }
}

func complaints(_ text: String) -> String? { complaints(Array(text.utf8)) }

/// The bytes of a file of the repository, at most 1 MiB.
func repositoryFile(_ path: String) throws -> [UInt8] {
    let path = "\(repositoryRoot)/\(path)"
    let file = try #require(fopen(path, "re"), "cannot open \(path)")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
}

let repositoryRoot = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

/// The shipped example with the settings taken in that it holds as comments.
func fullExample() throws -> String {
    let text = String(decoding: try repositoryFile("Packaging/wellspring.yaml"), as: UTF8.self)
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        // "# text" is a comment; "#key" and "#  key", indented within a section, are settings.
        let isComment = line == "#" || line.hasPrefix("# ") && !line.hasPrefix("#  ")
        return line.hasPrefix("#") && !isComment ? line.dropFirst() : line
    }.joined(separator: "\n")
}

func write(_ bytes: [UInt8], to path: String) throws {
    let file = try #require(fopen(path, "we"), "cannot write \(path)")
    defer { fclose(file) }
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

/// An empty directory of its own for one test.
///
/// Clean-up removes `entries`, names that the test says it makes in it, in their order, and then the
/// directory. It never looks for what to remove and never descends, so no link can lead it astray;
/// what a test forgets to name is left and fails the test.
func withTemporaryDirectory(_ entries: [String] = [], _ body: (String) throws -> Void) throws {
    var template = Array("/tmp/wellspring-configuration-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        for entry in entries {
            // remove(3) takes a link itself, never what it points to.
            #expect(remove("\(path)/\(entry)") == 0, "\(entry) was not made or not emptied")
        }
        #expect(rmdir(path) == 0, "the test left something unnamed")
    }
    try body(path)
}
