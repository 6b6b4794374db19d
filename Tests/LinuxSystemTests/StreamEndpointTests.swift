// Servers' addresses: what is one, how it is written back, and what is none.
// SPDX-License-Identifier: Apache-2.0

import LinuxSystem
import Testing

@Suite("StreamEndpoint")
struct StreamEndpointTests {
    @Test(
        "each form is read and written back in its long form",
        arguments: [
            ("/run/egd.sock", StreamEndpoint.unix(path: "/run/egd.sock"), "unix:/run/egd.sock"),
            ("unix:/a b", .unix(path: "/a b"), "unix:/a b"),
            ("tcp://host:1", .tcp(host: "host", port: 1), "tcp://host:1"),
            ("tcp://10.0.0.1:65535", .tcp(host: "10.0.0.1", port: 65_535), "tcp://10.0.0.1:65535"),
            ("tcp://my_box.a-b:88", .tcp(host: "my_box.a-b", port: 88), "tcp://my_box.a-b:88"),
            ("tcp://[::1]:8888", .tcp(host: "::1", port: 8888), "tcp://[::1]:8888"),
            ("tcp://[::f:1.2.3.4]:7", .tcp(host: "::f:1.2.3.4", port: 7), "tcp://[::f:1.2.3.4]:7"),
            ("tcp://[fe80::1%lo]:7", .tcp(host: "fe80::1%lo", port: 7), "tcp://[fe80::1%lo]:7"),
        ]
    )
    func forms(_ text: String, _ endpoint: StreamEndpoint, _ long: String) {
        #expect(StreamEndpoint(text: text) == endpoint)
        #expect(endpoint.description == long)
        #expect(StreamEndpoint(text: long) == endpoint)
    }

    @Test(
        "nonsense is refused",
        arguments: [
            "", "host", "host:8888", "egd.sock", "./egd.sock", "unix:", "unix:egd.sock",
            "unix:@name", "/run/", "/run/a\0b", "/" + String(repeating: "a", count: 107), "tcp:",
            "tcp://",
            "tcp://host", "tcp://host:", "tcp://:8888", "tcp://host:0", "tcp://host:65536",
            "tcp://host:+1", "tcp://host:-1", "tcp://host:8 8", "tcp://host:0x10",
            "tcp://host:888888",
            "tcp://ho st:1", "tcp://ho/st:1", "tcp://user@host:1", "tcp://host:1/", "tcp://-host:1",
            "tcp://::1:8888", "tcp://[::1]", "tcp://[::1]8888", "tcp://[]:1", "tcp://[host]:1",
            "tcp://[::1%]:1", "tcp://[::1%a%b]:1", "TCP://host:1", "udp://host:1",
            "tcp://" + String(repeating: "a", count: 254) + ":1",
        ]
    )
    func nonsense(_ text: String) {
        #expect(StreamEndpoint(text: text) == nil)
    }
}
