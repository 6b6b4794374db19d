// Accounts and shares.
// SPDX-License-Identifier: Apache-2.0

import Entropy
import Testing

@testable import Conditioning

@Suite("Ledger")
struct LedgerTests {
    private let plenty = Accumulator.blockCriterionUnits

    @Test("fewer than N sources never reach the criterion, N do", arguments: 1...8)
    func shares(minimum: Int) {
        var ledger = Ledger(sourceNames: (0..<8).map { "s\($0)" }, minimumSources: minimum)!
        var sum: Int64 = 0
        for source in 0..<minimum {
            #expect(sum < Accumulator.blockCriterionUnits)
            let credit = CreditPolicy.crediting(8).credit(samples: 1000)
            let counted = ledger.book(credit, samples: 1000, from: source, room: plenty)
            #expect(counted.units <= Accumulator.blockCriterionUnits / Int64(minimum) + 1)
            sum += counted.units
            // A second helping counts for nothing.
            #expect(ledger.book(credit, samples: 1000, from: source, room: plenty) == .zero)
        }
        #expect(sum >= Accumulator.blockCriterionUnits)
    }

    @Test("books tell seen, credited, counted and forgone apart")
    func books() {
        var ledger = Ledger(sourceNames: ["a", "b"], minimumSources: 2)!
        ledger.see(samples: 400, from: 0)
        let credit = CreditPolicy.crediting(1).credit(samples: 300)
        #expect(ledger.book(credit, samples: 300, from: 0, room: plenty).bits == Bits(288))
        #expect(ledger.accounts[0].name == "a")
        #expect(ledger.accounts[0].samplesSeen == 400)
        #expect(ledger.accounts[0].samplesCredited == 300)
        #expect(ledger.accounts[0].bitsCredited == Bits(288))
        #expect(ledger.accounts[0].bitsForgone == Bits(12))
        #expect(ledger.accounts[0].bitsInBlock == Bits(288))
        #expect(ledger.accounts[1].bitsCredited == .zero)
        ledger.closeBlock()
        #expect(ledger.accounts[0].bitsInBlock == .zero)
        #expect(ledger.accounts[0].bitsCredited == Bits(288))
    }

    @Test("no more counts than there is room for")
    func room() {
        var ledger = Ledger(sourceNames: ["a"])!
        let credit = CreditPolicy.crediting(1).credit(samples: 10)
        #expect(ledger.book(credit, samples: 10, from: 0, room: 5).units == 5)
        #expect(ledger.book(credit, samples: 10, from: 0, room: -5) == .zero)
    }

    @Test("a minimum outside 1...8 is refused", arguments: [-1, 0, 9])
    func refused(minimum: Int) {
        #expect(Ledger(sourceNames: ["a"], minimumSources: minimum) == nil)
    }
}
