// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// The place of content: a bucket in a store, and the prefix of all keys.
package struct S3Location: Hashable, Sendable, CustomStringConvertible {
    /// The part of a request that names the bucket.
    package enum Addressing: String, Sendable {
        /// `https://store/bucket/key`, which every store supports.
        case path
        /// `https://bucket.store/key`, which Amazon requires.
        case virtual
    }

    /// `http` or `https`.
    let scheme: String
    /// The store's host name, with its port if it has one.
    let authority: String
    package let region: String
    package let bucket: String
    /// The prefix of all keys; empty, or ends with a slash.
    let prefix: String
    package let addressing: Addressing

    /// Parses an endpoint such as `https://s3.example.org:9000`, and returns nil when it does not have that form.
    ///
    /// Leading and trailing slashes of the prefix are optional.
    package init?(
        endpoint: String,
        region: String = "us-east-1",
        bucket: String,
        prefix: String = "",
        addressing: Addressing = .path
    ) {
        guard let (scheme, authority) = Self.parse(endpoint) else { return nil }
        let parts = prefix.split(separator: "/")
        self.scheme = scheme
        self.authority = authority
        self.region = region
        self.bucket = bucket
        self.prefix = parts.map { $0 + "/" }.joined()
        self.addressing = addressing
    }

    /// The configured endpoint.
    package var endpoint: String { "\(scheme)://\(authority)" }

    package var description: String { "bucket \(bucket) at \(endpoint)" }

    /// The `Host` header of requests for this bucket.
    var host: String {
        switch addressing {
        case .path: authority
        case .virtual: "\(bucket).\(authority)"
        }
    }

    /// Returns the path of a key or of the bucket itself, percent-encoded for signing and sending.
    func path(of key: String?) -> String {
        let names = (addressing == .path ? [bucket] : []) + (key.map { [$0] } ?? [])
        return "/" + names.map { S3Location.encoded($0) }.joined(separator: "/")
    }

    /// Encodes each segment of a key and keeps the slashes.
    private static func encoded(_ key: String) -> String {
        key.split(separator: "/", omittingEmptySubsequences: false)
            .map { percentEncoded(String($0)) }
            .joined(separator: "/")
    }

    /// Returns scheme and authority without the scheme's default port, which clients omit from `Host`.
    private static func parse(_ endpoint: String) -> (scheme: String, authority: String)? {
        let defaultPorts = ["http": ":80", "https": ":443"]
        guard let mark = endpoint.firstRange(of: "://"),
            let defaultPort = defaultPorts[endpoint[..<mark.lowerBound].lowercased()]
        else { return nil }
        var authority = endpoint[mark.upperBound...].lowercased()
        if authority.hasSuffix("/") { authority.removeLast() }
        let isPlain = authority.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-._:[]".utf8.contains(byte)
        }
        guard isPlain, let first = authority.first, first != ":" else { return nil }
        if authority.hasSuffix(defaultPort) { authority.removeLast(defaultPort.count) }
        return (endpoint[..<mark.lowerBound].lowercased(), authority)
    }
}
