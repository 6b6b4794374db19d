// Addresses as people write them.
// SPDX-License-Identifier: Apache-2.0

import LinuxSystem
import Testing

@Suite("InternetAddress and AddressRange")
struct InternetAddressTests {
    @Test(
        "addresses are read and written in their usual form",
        arguments: [
            ("127.0.0.1:0", "127.0.0.1:0"), ("10.1.2.3:65535", "10.1.2.3:65535"),
            ("[::1]:8888", "[::1]:8888"), ("[2001:DB8:0:0::1]:1", "[2001:db8::1]:1"),
            ("[::ffff:10.0.0.1]:1", "10.0.0.1:1"),
        ]
    )
    func addresses(_ text: String, _ canonical: String) {
        #expect(InternetAddress(text: text)?.description == canonical)
        let address = InternetAddress(text: text)
        let isLoopback = canonical.hasPrefix("127.") || canonical.hasPrefix("[::1]")
        #expect(address?.host.isLoopback == isLoopback)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80",
            "[127.0.0.1]:80", "localhost:80", "127.1:80", "[::1]80", "[::1]", " 127.0.0.1:80",
            "127.0.0.1:8 8", "[fe80::1%lo]:80", "127.0.0.1:+80",
        ]
    )
    func noAddresses(_ text: String) {
        #expect(InternetAddress(text: text) == nil)
    }

    @Test(
        "a range contains what it should",
        arguments: [
            (
                "10.0.0.0/8", ["10.0.0.0", "10.255.255.255"],
                ["11.0.0.0", "9.255.255.255", "::a00:1"]
            ),
            ("192.0.2.7", ["192.0.2.7"], ["192.0.2.6", "192.0.2.8"]),
            ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::1"]),
            ("::/0", ["::", "ffff::1"], ["127.0.0.1"]),
            ("2001:db8::/33", ["2001:db8:7fff::1"], ["2001:db8:8000::", "2001:db7::"]),
            ("fd00::1:0/112", ["fd00::1:ffff"], ["fd00::2:0"]),
            ("fe80::/64", ["fe80::ffff:ffff:ffff:ffff"], ["fe80:0:0:1::"]),
        ] as [(String, [String], [String])]
    )
    func ranges(_ text: String, _ inside: [String], _ outside: [String]) throws {
        let range = try #require(AddressRange(text: text))
        #expect(range.description == text)
        for host in inside { #expect(range.contains(try #require(InternetHost(text: host)))) }
        for host in outside { #expect(!range.contains(try #require(InternetHost(text: host)))) }
    }

    @Test(
        "a range with bits after its prefix is a slip of the pen",
        arguments: [
            "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "/8", "::1/64", "::/129",
            "10/8",
            "10.0.0.0/8/8", "10.0.0.0/-1",
        ]
    )
    func noRanges(_ text: String) {
        #expect(AddressRange(text: text) == nil)
    }
}
