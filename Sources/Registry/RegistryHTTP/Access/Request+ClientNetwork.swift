// SPDX-License-Identifier: Apache-2.0

import HTTPServer

extension Request {
    /// What wrong passwords and downloads of a client are counted by; nil where the client has no address.
    var clientNetwork: String? {
        clientAddress.map(RegistryHTTP.clientNetwork)
    }
}

/// An IPv4 address, or the network of an IPv6 address (its first 64 bits), of which every client has a whole one.
func clientNetwork(_ address: String) -> String {
    // With dots it is IPv4, though it may come in IPv6's clothes.
    guard address.contains(":"), !address.contains(".") else { return address }
    let text = address.prefix { $0 != "%" }
    let head = text.prefix(upTo: text.firstRange(of: "::")?.lowerBound ?? text.endIndex).split(separator: ":")
    let tail = text.firstRange(of: "::").map { text[$0.upperBound...].split(separator: ":") } ?? []
    let zeros = Array(repeating: Substring("0"), count: max(0, 8 - head.count - tail.count))
    return (head + zeros + tail).prefix(4).joined(separator: ":")
}
