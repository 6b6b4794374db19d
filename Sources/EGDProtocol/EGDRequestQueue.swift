// Requests of one EGD connection that wait for their answer, oldest first, within bounds.
// SPDX-License-Identifier: Apache-2.0

/// A first-in, first-out queue of requests at two bytes each. It takes no memory before the first
/// request, keeps a few bytes afterwards, and gives a grown storage back when it runs empty.
///
/// The bounds are for the caller to respect: while ``isFull``, no more is to be read from the client.
/// What one more read may hold has been left room for.
package struct EGDRequestQueue: ~Copyable {
    private var storage: UnsafeMutablePointer<UInt16>?
    private var capacity: UInt16 = 0
    private var head: UInt16 = 0
    package private(set) var count: UInt16 = 0
    /// Sum of what the queued requests ask for, in bytes.
    package private(set) var requestedByteCount: UInt32 = 0

    package init() {}

    deinit { storage?.deallocate() }

    package var isEmpty: Bool { count == 0 }

    /// Whether the client has asked for as much in advance as it may.
    package var isFull: Bool {
        count >= Self.maximumCount || requestedByteCount >= Self.maximumRequestedByteCount
    }

    /// All requests, oldest first.
    package var all: [EGDRequest] {
        guard let storage else { return [] }
        return (0..<Int(count)).map {
            Self.unpack(storage[(Int(head) + $0) & (Int(capacity) - 1)])
        }
    }

    package var first: EGDRequest? {
        guard let storage, count > 0 else { return nil }
        return Self.unpack(storage[Int(head)])
    }

    package mutating func append(_ request: EGDRequest) {
        if count == capacity { grow() }
        guard let storage else { return }
        storage[Int((head &+ count) & (capacity &- 1))] = Self.pack(request)
        count += 1
        requestedByteCount += UInt32(request.byteCount)
    }

    package mutating func removeFirst() {
        guard let request = first else { preconditionFailure("removeFirst() on an empty queue") }
        requestedByteCount -= UInt32(request.byteCount)
        head = (head &+ 1) & (capacity &- 1)
        count -= 1
        if count == 0, capacity > Self.initialCapacity { removeAll() }
    }

    /// Empties the queue and releases its memory.
    package mutating func removeAll() {
        storage?.deallocate()
        storage = nil
        capacity = 0
        head = 0
        count = 0
        requestedByteCount = 0
    }

    private mutating func grow() {
        precondition(capacity < UInt16.max / 2, "the queue's owner ignored isFull")
        let larger = capacity == 0 ? Self.initialCapacity : capacity * 2
        let fresh = UnsafeMutablePointer<UInt16>.allocate(capacity: Int(larger))
        fresh.initialize(repeating: 0, count: Int(larger))
        if let storage {
            for index in 0..<Int(count) {
                fresh[index] = storage[(Int(head) + index) & (Int(capacity) - 1)]
            }
            storage.deallocate()
        }
        storage = fresh
        capacity = larger
        head = 0
    }

    /// The command byte above the count byte.
    static func pack(_ request: EGDRequest) -> UInt16 {
        switch request {
        case .level: UInt16(EGDWire.level) << 8
        case .readNonBlocking(let count): UInt16(EGDWire.readNonBlocking) << 8 | UInt16(count)
        case .readBlocking(let count): UInt16(EGDWire.readBlocking) << 8 | UInt16(count)
        case .processID: UInt16(EGDWire.processID) << 8
        }
    }

    static func unpack(_ packed: UInt16) -> EGDRequest {
        let count = UInt8(truncatingIfNeeded: packed)
        switch UInt8(packed >> 8) {
        case EGDWire.level: return .level
        case EGDWire.readNonBlocking: return .readNonBlocking(count)
        case EGDWire.readBlocking: return .readBlocking(count)
        default: return .processID
        }
    }

    /// Requests. 64 KiB at QEMU's usual pieces of 16 to 64 bytes are 1,024 to 4,096 requests.
    package static let maximumCount = 4_096
    /// Requests: the bound and one more read of 256 bytes full of commands of one byte.
    static let greatestCount = maximumCount + 256
    /// Bytes. QEMU asks for at most its virtio-rng's max-bytes per open guest request, of which a
    /// handful exist; 64 KiB is far beyond that and still a bounded claim on the pool.
    package static let maximumRequestedByteCount = 65_536
    /// Requests; a power of two, as every capacity. 16 of two bytes fill the allocator's smallest
    /// usual block, which a connection that once waited keeps.
    private static let initialCapacity: UInt16 = 16
}
