// How fast frames are decoded: MACs checked, entropy deciphered, by the code that the daemon runs.
// SPDX-License-Identifier: Apache-2.0

internal import EntropyKeyProtocol
internal import LinuxSystem
internal import WellspringTesting

enum DecoderBenchmark {
    /// Prints megabytes of frames per second of this thread's CPU time, over `frames` entropy frames.
    static func run(frames: Int) {
        var key = EmulatedEntropyKey(
            serial: "NwBvBlg3OTBJORFD",
            longTermKey: [UInt8](repeating: 7, count: 32)
        )
        var session = EntropyKeySession(
            longTermKey: { _ in
                [UInt8](repeating: 7, count: 32).withUnsafeBytes { EntropyKeySecret(copying: $0) }
            },
            nonce: { $0.initializeMemory(as: UInt8.self, repeating: 1) }
        )
        session.restart(at: .zero, expecting: nil)
        var output = [UInt8](repeating: 0, count: EntropyKeySession.entropyByteCount)
        var decoded = 0
        var time = Duration.zero
        while decoded < frames {
            key.advance(to: key.nextEvent)
            var bytes = key.takeOutput()[...]
            let began = SystemClock.threadCPUTime
            repeat {
                while let action = output.withUnsafeMutableBytes({
                    session.next(at: key.now, into: $0.baseAddress!)
                }) {
                    if case .entropy = action { decoded += 1 }
                    if case .send(let command) = action { key.receive(command.bytes) }
                }
                _ = session.read { memory in
                    let piece = bytes.prefix(memory.count)
                    memory.copyBytes(from: piece)
                    bytes = bytes.dropFirst(piece.count)
                    return piece.count
                }
            } while !bytes.isEmpty
            time += SystemClock.threadCPUTime - began
        }
        let seconds = time.seconds
        let rate = Double(decoded * 64) / seconds / 1e6
        EntropyKeyEmulator.print(
            "\(decoded) frames in \(Int(seconds * 1000)) ms of CPU time: \(Int(rate)) MB/s",
            to: 1
        )
    }
}
