// SPDX-License-Identifier: Apache-2.0

import HTTPServer

extension Request {
    /// The key by which a client's wrong passwords and downloads are counted; nil if it has no address.
    var clientNetwork: String? {
        clientAddress.map(RegistryHTTP.clientNetwork)
    }
}

/// Returns an IPv4 address, or the 64-bit prefix of an IPv6 address, which a client usually has to itself.
func clientNetwork(_ address: String) -> String {
    // Dots mean IPv4, possibly IPv4-mapped IPv6.
    guard address.contains(":"), !address.contains(".") else { return address }
    let text = address.prefix { $0 != "%" }
    let head = text.prefix(upTo: text.firstRange(of: "::")?.lowerBound ?? text.endIndex).split(separator: ":")
    let tail = text.firstRange(of: "::").map { text[$0.upperBound...].split(separator: ":") } ?? []
    let zeros = Array(repeating: Substring("0"), count: max(0, 8 - head.count - tail.count))
    return (head + zeros + tail).prefix(4).joined(separator: ":")
}
