// What is wrong with a configuration, all of it at once.
// SPDX-License-Identifier: Apache-2.0

/// One or more problems of one file, in the order of the file. Its description has a line for each.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// As the file was named by the caller.
    package let file: String
    package let problems: [Problem]

    package struct Problem: Sendable, Equatable {
        /// Where the problem is; nil when the file as a whole is meant.
        package var position: Position?
        /// Names from the root, as in `reservoir.size`; empty for the root itself.
        package var keyPath = ""
        /// What failed and what would be right.
        package var message: String
    }

    /// Both count from 1; columns count Unicode scalars.
    package struct Position: Sendable, Hashable, Comparable {
        package var line: Int
        package var column: Int

        package static func < (a: Position, b: Position) -> Bool {
            (a.line, a.column) < (b.line, b.column)
        }
    }

    init(file: String, problems: [Problem]) {
        self.file = file
        self.problems = problems
    }

    init(file: String, _ message: String) {
        self.init(file: file, problems: [Problem(message: message)])
    }

    package var description: String {
        problems.map { problem in
            let position = problem.position.map { ":\($0.line):\($0.column)" } ?? ""
            let keyPath = problem.keyPath.isEmpty ? "" : " \(problem.keyPath):"
            return "\(file)\(position):\(keyPath) \(problem.message)"
        }.joined(separator: "\n")
    }
}
