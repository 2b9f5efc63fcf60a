// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RegistryHTTP

@Suite("Addresses of clients", .timeLimit(.minutes(15)))
struct ClientNetworkTests {
    static let rows = [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "::ffff:192.0.2.7"), ("::1", "0:0:0:0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"), ("2001:db8::1", "2001:db8:0:0"), ("2001:db8:1:2::", "2001:db8:1:2"),
        ("fe80::1%eth0", "fe80:0:0:0"), ("2001:db8:0:0:1::2", "2001:db8:0:0"),
    ]

    @Test("an IPv4 address is a client's own, an IPv6 address belongs to its network", arguments: rows)
    func network(_ address: String, _ expected: String) {
        #expect(clientNetwork(address) == expected)
    }
}
