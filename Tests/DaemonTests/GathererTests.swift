// Full-entropy bytes without a daemon.
// SPDX-License-Identifier: Apache-2.0

import LinuxSystem
import Testing

@testable import Daemon

@Suite(.serialized) struct GathererTests {
    private func read(_ count: Int, _ gatherer: Gatherer, interruption: Int32 = -1) throws -> Int {
        var bytes = [UInt8](repeating: 0, count: count)
        return try bytes.withUnsafeMutableBytes {
            try gatherer.read(into: $0, interruption: interruption)
        }
    }

    @Test("an unknown source is an error that lists the known ones")
    func unknown() {
        for name in ["bogus", "", "Jitter", "stream", "command"] {
            let error = #expect(throws: ServiceError.self) {
                try Gatherer(sourceNames: ["jitter", name], logger: quietLogger)
            }
            #expect(error?.description.contains("there is no source \(name); known are:") == true)
            #expect(error?.description.contains("jitter, havege") == true)
        }
    }

    @Test("bytes come as the sources earn them")
    func reads() throws {
        let gatherer = try Gatherer(sourceNames: ["jitter"], logger: quietLogger)
        defer { gatherer.stop() }
        var got = 0
        while got < 1000 {
            let count = try read(1000 - got, gatherer)
            #expect(count > 0)
            got += count
        }
    }

    @Test("sources that never earn are an error, not a wait")
    func nothingEarns() throws {
        let gatherer = try Gatherer(sourceNames: ["kernel"], logger: quietLogger)
        defer { gatherer.stop() }
        #expect(throws: ServiceError.self) { try read(16, gatherer) }
    }

    @Test("an interruption ends a wait")
    func interrupted() throws {
        let gatherer = try Gatherer(sourceNames: ["sleep"], logger: quietLogger)
        defer { gatherer.stop() }
        let interruption = try EventDescriptor()
        interruption.signal()
        // Nothing can be there yet: a start-up test of sleeps takes far longer.
        #expect(try read(16, gatherer, interruption: interruption.descriptor) == 0)
    }
}
