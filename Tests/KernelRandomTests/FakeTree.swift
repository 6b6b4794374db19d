// A throw-away file tree with the layout of /.
// SPDX-License-Identifier: Apache-2.0

import WellspringTesting

/// Removed with everything in it when released.
final class FakeTree {
    private let directory = TemporaryDirectory()
    var root: String { directory.path }

    init(_ files: [String: String]) {
        for (path, text) in files { directory.write(text, to: path) }
    }
}
