// File reading and failure of the assessment's command line.
// SPDX-License-Identifier: Apache-2.0

import Glibc

let usage = "Usage: assess-non-iid FILE [--bits N]"

/// Prints a sentence to standard error and exits with a status of sysexits.h.
func fail(_ sentence: String, status: Int32) -> Never {
    let line = Array((sentence + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(status)
}

/// All bytes of a file, or nil if it cannot be read.
func readFile(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    guard fseek(file, 0, SEEK_END) == 0 else { return nil }
    let size = ftell(file)
    guard size >= 0, fseek(file, 0, SEEK_SET) == 0 else { return nil }
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = size == 0 ? 0 : fread(buffer.baseAddress!, 1, size, file)
    }
}
