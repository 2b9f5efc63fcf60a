// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// The networks of proxies whose statements about their clients are trusted.
///
/// Statements of other peers are ignored, because any client can send these fields.
package struct TrustedProxies: Hashable, Sendable {
    private struct Network: Hashable {
        let address: NetworkAddress
        let prefix: Int

        func contains(_ other: NetworkAddress) -> Bool {
            guard other.bytes.count == address.bytes.count else { return false }
            return (0..<prefix).allSatisfy { bit in
                (address.bytes[bit / 8] ^ other.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
            }
        }
    }

    private var networks: [Network] = []
    /// Whether clients of Unix sockets are trusted, which only local programs can reach.
    private var trustsLocalSockets = false

    /// Trusts no proxy.
    package init() {}

    /// Parses networks such as `10.0.0.0/8` or `fd00::/8`, single addresses, and `unix` for Unix sockets.
    package init(_ texts: [String]) throws(InvalidNetwork) {
        for text in texts {
            if text == "unix" {
                trustsLocalSockets = true
                continue
            }
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let address = parts.first.flatMap({ NetworkAddress($0) }) else { throw InvalidNetwork(text: text) }
            let longest = address.bytes.count * 8
            // An IPv4-mapped IPv6 address starts with a fixed prefix of 96 bits.
            let mapped = longest == 32 && parts[0].contains(":") ? 96 : 0
            let prefix = parts.count == 1 ? longest : Int(parts[1]).map { $0 &- mapped }
            guard let prefix, (0...longest).contains(prefix) else { throw InvalidNetwork(text: text) }
            networks.append(Network(address: address, prefix: prefix))
        }
    }

    /// Whether no proxy is trusted.
    package var isEmpty: Bool { networks.isEmpty && !trustsLocalSockets }

    /// Returns whether a peer is trusted; nil means a Unix socket.
    func contains(_ address: String?) -> Bool {
        guard let address else { return trustsLocalSockets }
        guard !networks.isEmpty, let parsed = NetworkAddress(address) else { return false }
        return networks.contains { $0.contains(parsed) }
    }
}

/// The error for a text that is not a network.
package struct InvalidNetwork: Error, Hashable, Sendable {
    package let text: String
}
