// A throw-away file tree with the layout of /.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Removed with everything in it when released.
final class FakeTree {
    let root: String

    init(_ files: [String: String]) {
        var template = Array("/tmp/wellspring-tree.XXXXXX".utf8CString)
        root = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
        for (path, text) in files {
            let folders = path.split(separator: "/").dropLast()
            var folder = root
            for name in folders {
                folder += "/" + name
                mkdir(folder, 0o755)
            }
            let file = open(root + path, O_WRONLY | O_CREAT, 0o644)
            let bytes = Array(text.utf8)
            _ = write(file, bytes, bytes.count)
            close(file)
        }
    }

    deinit {
        removeTree(root)
    }
}

private func removeTree(_ path: String) {
    if let folder = opendir(path) {
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { removeTree(path + "/" + name) }
        }
        closedir(folder)
    }
    remove(path)
}
