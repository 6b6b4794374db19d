// The printed master key: its two forms, and each way to mistype it.
// SPDX-License-Identifier: Apache-2.0

import EntropyKeyProtocol
import Testing

@Suite struct MasterKeyCardTests {
    @Test(
        "A card is read, wherever blanks stand",
        arguments: [
            sampleCard, "  " + sampleCard + "\n", sampleCard + "\r\n",
            "S3VqD34V MXasYmjr uxIfCSm+ aB6tWA6X bqcdLAy4 13hv",
            "S3VqD34VMXasYmjruxIfCSm+\n\taB6tWA6XbqcdLAy413hv\n",
        ]
    )
    func card(text: String) throws {
        #expect(try hexadecimal(read(text)) == sampleMasterHex)
    }

    @Test("The form without checksum is read, too")
    func withoutChecksum() throws {
        #expect(try hexadecimal(read(sampleKey)) == sampleKeyHex)
        #expect(
            try hexadecimal(read("ZN5z/Hhs 6cv2WMLp" + sampleKey.dropFirst(16))) == sampleKeyHex
        )
    }

    @Test("Any single wrong character, and any two exchanged neighbours, fail the checksum")
    func checksum() {
        let card = Array(sampleCard.utf8)
        for place in card.indices {
            for character in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
            where character != card[place] {
                var wrong = card
                wrong[place] = character
                #expect(failure(String(decoding: wrong, as: UTF8.self)) == .wrongChecksum)
            }
        }
        for place in card.indices.dropLast() where card[place] != card[place + 1] {
            var wrong = card
            wrong.swapAt(place, place + 1)
            #expect(failure(String(decoding: wrong, as: UTF8.self)) == .wrongChecksum)
        }
    }

    @Test(
        "A wrong length is told",
        arguments: [
            (String(sampleCard.dropLast()), 43), (sampleCard + "A", 45), ("A", 1),
            (String(repeating: sampleCard, count: 20), 880), (String(sampleKey.dropLast()), 43),
        ]
    )
    func length(text: String, count: Int) {
        #expect(failure(text) == .wrongLength(count))
    }

    @Test(
        "Nothing, or nothing but blanks, is no master key",
        arguments: ["", " ", "\n", "\t \r\n"]
    )
    func empty(text: String) {
        #expect(failure(text) == .empty)
    }

    @Test(
        "A wrong character is found, blanks not counted",
        arguments: [("!", 0), ("-", 12), ("=", 20), ("_", 42), ("=", 42)]
    )
    func character(wrong: String, place: Int) {
        var text = Array(sampleKey.utf8)
        text[place] = Array(wrong.utf8)[0]
        #expect(failure(" " + String(decoding: text, as: UTF8.self)) == .wrongCharacter(place + 1))
    }

    @Test(
        "No message holds a part of the key",
        arguments: [sampleCard.dropLast() + "A", sampleCard + "A", sampleCard.dropLast() + "!"]
    )
    func message(text: Substring) throws {
        let message = try #require(failure(String(text))).description
        #expect(message.hasSuffix("."))
        for start in 0..<40 {
            let part = sampleCard.dropFirst(start).prefix(4)
            #expect(!message.contains(part))
        }
    }

    private func read(_ text: String) throws -> EntropyKeySecret {
        try withBytes(of: text) { try MasterKeyCard.read($0) }
    }

    private func failure(_ text: String) -> MasterKeyCardError? {
        do {
            _ = try read(text)
            return nil
        } catch {
            return error as? MasterKeyCardError
        }
    }
}
