// The books: what each source gave, what counted, and who may open a block.
// SPDX-License-Identifier: Apache-2.0

package import Entropy

/// Accounts of all sources, and the rule that several must stand behind each block.
///
/// With `minimumSources` N, no source counts for more than 576 / N bits of a block's 576. Fewer
/// than N sources then never reach the criterion, and N that do gave equal shares: if any one of
/// them turns out to be worth nothing, the others still stand for (N - 1) / N of it, with N = 2
/// for 288 bits, which is above the 256 bits that the strongest keys ask for. A rule that each
/// merely gave "something" would hold for one bit and protect nobody. The price: the pool is as
/// fast as its N-th fastest source, and what the others give beyond their share is forgone.
package struct Ledger: Sendable {
    /// One source's account since the start.
    package struct Account: Sendable, Equatable {
        package let name: String
        /// Seen, whether they counted or not.
        package fileprivate(set) var samplesSeen: UInt64 = 0
        /// Passed their health tests and were offered for credit.
        package fileprivate(set) var samplesCredited: UInt64 = 0
        /// Counted towards blocks, in total.
        package fileprivate(set) var bitsCredited: Bits = .zero
        /// Offered, but not counted: no room for a block, or beyond the share of one source.
        package fileprivate(set) var bitsForgone: Bits = .zero
        /// Counted towards the block being gathered.
        package var bitsInBlock: Bits {
            Bits(Double(unitsInBlock) / Double(Credit.unitsPerBit))
        }
        fileprivate var unitsInBlock: Int64 = 0
    }

    package private(set) var accounts: [Account]
    package let minimumSources: Int
    /// The most that one source counts for in a block, in units of ``Credit``: rounded up, so that
    /// N full shares always reach the criterion.
    let shareUnits: Int64

    /// Nil unless `minimumSources` is in 1...8. More sources than that would each have to give less
    /// than 72 bits, which a single broken claim makes irrelevant. Fewer sources than the minimum
    /// are allowed: then there are no blocks.
    package init?(sourceNames: [String], minimumSources: Int = 1) {
        guard (1...Ledger.greatestMinimumSources).contains(minimumSources) else { return nil }
        accounts = sourceNames.map { Account(name: $0) }
        self.minimumSources = minimumSources
        let sources = Int64(minimumSources)
        shareUnits = (Accumulator.blockCriterionUnits + sources - 1) / sources
    }

    /// Opens a fresh account at `index`, which is one of the present ones or the next.
    package mutating func open(_ name: String, at index: Int) {
        guard index < accounts.count else { return accounts.append(Account(name: name)) }
        // What the block already holds stays counted against the place, whoever has it.
        let inBlock = accounts[index].unitsInBlock
        accounts[index] = Account(name: name)
        accounts[index].unitsInBlock = inBlock
    }

    package mutating func see(samples: Int, from source: Int) {
        accounts[source].samplesSeen += UInt64(samples)
    }

    /// Books the credit for `samples` samples of `source`; returns the part that counts towards the
    /// present block, at most `room` units.
    mutating func book(_ credit: Credit, samples: Int, from source: Int, room: Int64) -> Credit {
        let counted = credit.atMost(min(room, roomInShare(of: source)))
        accounts[source].samplesCredited += UInt64(samples)
        accounts[source].unitsInBlock += counted.units
        accounts[source].bitsCredited += counted.bits
        accounts[source].bitsForgone += credit.bits - counted.bits
        return counted
    }

    /// What `source` may still count for in the present block, in units.
    func roomInShare(of source: Int) -> Int64 { shareUnits - accounts[source].unitsInBlock }

    /// A block was drawn: everyone's share starts over.
    mutating func closeBlock() {
        for index in accounts.indices { accounts[index].unitsInBlock = 0 }
    }

    package static let greatestMinimumSources = 8
}
