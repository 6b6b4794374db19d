// Upper to lower case in ISO 8859-1, as ENT 1.2 folds it.
// SPDX-License-Identifier: Apache-2.0

package enum ENTFolding {
    /// Replaces capital letters, accented ones included, by small ones, in place.
    package static func fold(_ bytes: UnsafeMutableRawBufferPointer) {
        let symbols = bytes.bindMemory(to: UInt8.self)
        for index in 0..<symbols.count {
            let symbol = symbols[index]
            let isLatin = symbol &- 0x41 < 26
            // 0xD7 is the multiplication sign.
            let isAccented = symbol &- 0xC0 < 31 && symbol != 0xD7
            symbols[index] = symbol | (isLatin || isAccented ? 0x20 : 0)
        }
    }
}
