// The slab of locked slots: zero when taken, wiped when given back, returned to the system.
// SPDX-License-Identifier: Apache-2.0

import EGDService
import Testing

@Suite("SecretSlots")
struct SecretSlotsTests {
    @Test("a slot is zero again after use")
    func wiped() {
        var slots = SecretSlots()
        let first = slots.take()
        let bytes = UnsafeMutableRawBufferPointer(
            start: slots[first],
            count: SecretSlots.slotByteCount
        )
        for index in bytes.indices { bytes[index] = 0xa5 }
        slots.giveBack(first)
        // The first chunk is never unmapped, so its memory may still be looked at.
        #expect(bytes.allSatisfy { $0 == 0 })
        let again = slots.take()
        #expect(again == first)
    }

    @Test("slots do not overlap, and their memory goes back")
    func many() {
        var slots = SecretSlots()
        let nothing = slots.heldByteCount
        let taken = (0..<100).map { _ in slots.take() }
        let addresses = Set(taken.map { UInt(bitPattern: slots[$0]) })
        let held = slots.heldByteCount
        for slot in taken.reversed() { slots.giveBack(slot) }
        let left = slots.heldByteCount
        let reused = Set((0..<100).map { _ in slots.take() })
        #expect(nothing == 0)
        #expect(Set(taken).count == 100)
        #expect(addresses.count == 100)
        #expect(held >= 100 * SecretSlots.slotByteCount)
        #expect(left <= 16 * SecretSlots.slotByteCount)
        #expect(reused == Set(taken))
    }
}
