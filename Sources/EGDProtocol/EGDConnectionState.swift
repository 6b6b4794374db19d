// A connection's place in the protocol, so that another process can go on where one stops.
// SPDX-License-Identifier: Apache-2.0

/// What a server must know to take an open connection over: how far the command under way was read, and
/// which requests are to be answered, oldest first. Holds no entropy: a reply that was begun is sent
/// whole before a connection changes hands, or begun anew.
package struct EGDConnectionState: Equatable, Sendable {
    package var parser: EGDCommandParser
    package var requests: [EGDRequest]
    /// The node that the reader announced itself as.
    package var node: EGDNode?

    package init(parser: EGDCommandParser, requests: [EGDRequest], node: EGDNode? = nil) {
        self.parser = parser
        self.requests = requests
        self.node = node
    }

    /// One word without blanks: parser, node or `-`, then four hexadecimal digits for each request.
    package var text: String {
        var text = "\(parser.text);\(node?.text ?? "-");"
        for request in requests {
            let packed = EGDRequestQueue.pack(request)
            let digits = String(packed, radix: 16)
            text += String(repeating: "0", count: 4 - digits.count) + digits
        }
        return text
    }

    /// Nil for anything else than what ``text`` gives.
    package init?(text: some StringProtocol) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        guard parts.count == 3, let parser = EGDCommandParser(text: parts[0]) else { return nil }
        let node = EGDNode(text: parts[1])
        let digits = Array(parts[2].utf8)
        guard node != nil || parts[1] == "-", digits.count % 4 == 0,
            parts[2].allSatisfy(\.isHexDigit),
            digits.count / 4 <= EGDRequestQueue.greatestCount
        else { return nil }
        var requests: [EGDRequest] = []
        for start in stride(from: 0, to: digits.count, by: 4) {
            let word = String(decoding: digits[start..<start + 4], as: UTF8.self)
            guard let packed = UInt16(word, radix: 16),
                packed >> 8 <= UInt16(EGDWire.processID), packed >> 8 != UInt16(EGDWire.write)
            else { return nil }
            requests.append(EGDRequestQueue.unpack(packed))
        }
        self.init(parser: parser, requests: requests, node: node)
    }
}
