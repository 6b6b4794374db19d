// The type of servers' addresses in the file.
// SPDX-License-Identifier: Apache-2.0

internal import LinuxSystem

extension ValueType<StreamEndpoint> {
    static var endpoint: Self {
        ValueType(
            name: "address",
            range: "tcp://HOST:PORT, tcp://[IPv6]:PORT or unix:/PATH",
            complaint: "is not a server's address: \(StreamEndpoint.form)",
            read: { StreamEndpoint(text: $0) }
        )
    }
}
