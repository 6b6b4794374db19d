// Servers' addresses on the command line.
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import LinuxSystem

/// A path is one as it stands; what names a scheme must be right.
func endpoint(_ text: String) throws -> StreamEndpoint {
    guard isEndpoint(text) else { return .unix(path: text) }
    guard let endpoint = StreamEndpoint(text: text) else {
        throw ValidationError("\(text) is not a server's address: \(StreamEndpoint.form).")
    }
    return endpoint
}

/// Whether a text names a scheme, rightly or not.
func isEndpoint(_ text: String) -> Bool {
    text.hasPrefix("unix:") || text.hasPrefix("tcp:")
}

/// Addresses with commas between them.
func endpoints(_ list: String) throws -> [StreamEndpoint] {
    try list.split(separator: ",", omittingEmptySubsequences: false).map { element in
        let text = String(element.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        guard let endpoint = StreamEndpoint(text: text) else {
            throw ValidationError("\(text) is not a server's address: \(StreamEndpoint.form).")
        }
        return endpoint
    }
}
