// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// The origin of a request before it passed trusted proxies.
struct RequestOrigin: Hashable {
    /// The client's numeric address; nil when unknown.
    var clientAddress: String?
    /// Whether the client used TLS.
    var isSecure: Bool

    /// Evaluates the fields of trusted proxies (`Forwarded`, RFC 7239, or `X-Forwarded-For` and `X-Forwarded-Proto`).
    ///
    /// A proxy that appends to one of the two passes the other on unchanged. If the two name different clients, neither is reliable, and
    /// the request counts as the proxy's own.
    ///
    /// Each proxy appends an address, so the list is read from the end. The first untrusted address is the client, because the client
    /// itself may have written everything before it.
    static func of(_ headers: HTTPFields, from peer: RequestOrigin, trusting proxies: TrustedProxies) -> RequestOrigin {
        guard proxies.contains(peer.clientAddress) else { return peer }
        let origins = [forwardedHops(headers), customaryHops(headers)].filter { !$0.isEmpty }.map {
            follow($0, from: peer, proxies)
        }
        guard let first = origins.first, origins.allSatisfy({ $0.clientAddress == first.clientAddress }) else {
            return peer
        }
        return first
    }

    private static func follow(_ hops: [Hop], from peer: RequestOrigin, _ proxies: TrustedProxies) -> RequestOrigin {
        var origin = peer
        for hop in hops.reversed() {
            if let isSecure = hop.isSecure { origin.isSecure = isSecure }
            guard let address = hop.address else { return origin }
            origin.clientAddress = address.text
            guard proxies.contains(address.text) else { return origin }
        }
        return origin
    }

    private struct Hop {
        var address: NetworkAddress?
        var isSecure: Bool?
    }

    private static func forwardedHops(_ headers: HTTPFields) -> [Hop] {
        headers[values: HTTPField.Name.forwarded].flatMap { field -> [Hop] in
            // A malformed field identifies no client.
            guard let elements = field[...].parts(at: ",") else { return [Hop()] }
            return elements.filter { !$0.isEmpty }.map { forwardedHop($0) ?? Hop() }
        }
    }

    private static func customaryHops(_ headers: HTTPFields) -> [Hop] {
        var hops = (headers[HTTPField.Name.xForwardedFor] ?? "").split(separator: ",").map {
            Hop(address: address($0.trimmed), isSecure: nil)
        }
        if let scheme = headers[HTTPField.Name.xForwardedProto]?.split(separator: ",").last?.trimmed {
            if hops.isEmpty { hops.append(Hop(address: nil, isSecure: nil)) }
            hops[hops.count - 1].isSecure = scheme.lowercased() == "https"
        }
        return hops
    }

    /// Parses one element of the field (RFC 7239, section 4); nil if it is malformed or repeats a parameter.
    private static func forwardedHop(_ element: Substring) -> Hop? {
        var hop = Hop()
        var names: Set<String> = []
        for pair in element.parts(at: ";") ?? [] where !pair.isEmpty {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let value = parts[1].unquoted else { return nil }
            let name = parts[0].lowercased()
            guard names.insert(name).inserted else { return nil }
            switch name {
            case "for": hop.address = address(value[...])
            case "proto": hop.isSecure = value.lowercased() == "https"
            default: break
            }
        }
        return hop
    }

    /// Parses an address with an optional port: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
    private static func address(_ text: Substring) -> NetworkAddress? {
        if text.hasPrefix("[") { return NetworkAddress(text.dropFirst().prefix { $0 != "]" }) }
        return NetworkAddress(text) ?? NetworkAddress(text.prefix { $0 != ":" })
    }
}

extension Substring {
    /// Splits at separators outside quoted strings and trims white space; returns nil for an unterminated quoted string.
    fileprivate func parts(at separator: Character) -> [Substring]? {
        var parts: [Substring] = []
        var start = startIndex
        var (isQuoted, isEscaped) = (false, false)
        for index in indices {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, self[index] == "\\" {
                isEscaped = true
            } else if self[index] == "\"" {
                isQuoted.toggle()
            } else if !isQuoted, self[index] == separator {
                parts.append(self[start..<index].trimmed)
                start = self.index(after: index)
            }
        }
        return isQuoted ? nil : parts + [self[start...].trimmed]
    }

    /// The value of a token or a quoted string (RFC 9110, section 5.6.4); nil for anything else.
    fileprivate var unquoted: String? {
        guard hasPrefix("\"") else { return contains("\"") ? nil : String(self) }
        var text = ""
        var isEscaped = false
        for index in indices.dropFirst() {
            if !isEscaped, self[index] == "\"" { return self.index(after: index) == endIndex ? text : nil }
            isEscaped = !isEscaped && self[index] == "\\"
            if !isEscaped { text.append(self[index]) }
        }
        return nil
    }

    fileprivate var trimmed: Substring {
        let head = drop { $0 == " " || $0 == "\t" }
        return head.prefix(
            upTo: head.lastIndex { $0 != " " && $0 != "\t" }.map { head.index(after: $0) } ?? head.endIndex
        )
    }
}

extension HTTPField.Name {
    static let forwarded = Self(token: "Forwarded")
    static let xForwardedFor = Self(token: "X-Forwarded-For")
    static let xForwardedProto = Self(token: "X-Forwarded-Proto")
}
