// What a source that speaks with a device knows about it, for status.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Where a source's thread posts the facts, at any time, and others read them, while it waits as well.
package final class DeviceBoard: Sendable {
    private let posted = Mutex<DeviceFacts?>(nil)

    package init() {}

    package func post(_ facts: DeviceFacts) { posted.withLock { $0 = facts } }

    /// The latest; nil before the first.
    package var facts: DeviceFacts? { posted.withLock { $0 } }
}

/// Facts, without a byte of what came.
package struct DeviceFacts: Sendable, Equatable {
    /// Where the conversation stands, in words.
    package var state: String
    /// The path or USB socket that it is reached through; nil while it is not.
    package var place: String?
    package var serial: String?
    /// Why the device's bytes are not credited now; nil when nothing speaks against them.
    package var objection: String?
    /// What is still missing in a device that has just begun, for which the same is true.
    package var settling: String?
    /// By name, in an order for people.
    package var statistics: [Statistic]

    package struct Statistic: Sendable, Equatable {
        package let name: String
        package let value: Value

        package init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    package enum Value: Sendable, Equatable {
        case count(UInt64)
        case number(Double)
        case text(String)
    }

    package init(
        state: String,
        place: String? = nil,
        serial: String? = nil,
        objection: String? = nil,
        settling: String? = nil,
        statistics: [Statistic] = []
    ) {
        self.state = state
        self.place = place
        self.serial = serial
        self.objection = objection
        self.settling = settling
        self.statistics = statistics
    }
}
