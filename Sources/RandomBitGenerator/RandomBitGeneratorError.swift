// Why a generator gave nothing.
// SPDX-License-Identifier: Apache-2.0

/// The generator refused; what it was to write holds no output.
package struct RandomBitGeneratorError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        case seedTooShort
        case stringTooLong
        case requestTooLong
        case reseedRequired
        case otherProcess
        case noSeed
        case selfTestFailed
        case cipherFailed
    }

    package let code: Code

    package var description: String {
        switch code {
        case .seedTooShort:
            "The generator was given too little seed. "
                + "It needs 48 bytes of full entropy, or 32 and a nonce of 16."
        case .stringTooLong:
            "A seed, personalization or additional input is too long for the generator. "
                + "Without the derivation function 48 bytes are the limit."
        case .requestTooLong:
            "More than 65,536 bytes were asked for in one request. Ask in pieces."
        case .reseedRequired:
            "The generator has answered as many requests as one seed may. "
                + "Reseed it; status tells why no seed came."
        case .otherProcess:
            "The generator belongs to another process and would repeat its output. "
                + "A forked child must make its own."
        case .noSeed:
            "There is no seed for the generator yet. Wait until the sources have filled the pool."
        case .selfTestFailed:
            "The generator's known-answer test failed. "
                + "This build or this processor computes wrongly: do not use it."
        case .cipherFailed:
            "The cipher library refused to encrypt, and the generator was shut. "
                + "This build is broken: do not use it."
        }
    }
}
