// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// Where content lies: a bucket of a store, and the beginning that all keys share.
package struct S3Location: Hashable, Sendable, CustomStringConvertible {
    /// Where requests name the bucket.
    package enum Addressing: String, Sendable {
        /// `https://store/bucket/key`, which every store understands.
        case path
        /// `https://bucket.store/key`, which Amazon asks for.
        case virtual
    }

    /// `http` or `https`.
    let scheme: String
    /// The store's name with its port, when it has one.
    let authority: String
    package let region: String
    package let bucket: String
    /// Empty, or ends with a slash.
    let prefix: String
    package let addressing: Addressing

    /// Takes an endpoint such as `https://s3.example.org:9000`; nil when it is not of that form.
    ///
    /// The prefix may begin and end with a slash or not.
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

    /// The endpoint as it is configured.
    package var endpoint: String { "\(scheme)://\(authority)" }

    package var description: String { "bucket \(bucket) at \(endpoint)" }

    /// What requests for this bucket have in their `Host`.
    var host: String {
        switch addressing {
        case .path: authority
        case .virtual: "\(bucket).\(authority)"
        }
    }

    /// The path of a key, or of the bucket itself, percent-encoded as it is signed and sent.
    func path(of key: String?) -> String {
        let names = (addressing == .path ? [bucket] : []) + (key.map { [$0] } ?? [])
        return "/" + names.map { S3Location.encoded($0) }.joined(separator: "/")
    }

    /// Encodes every part of a key, and keeps its slashes.
    private static func encoded(_ key: String) -> String {
        key.split(separator: "/", omittingEmptySubsequences: false)
            .map { percentEncoded(String($0)) }
            .joined(separator: "/")
    }

    /// Scheme and authority, without the port that the scheme implies: clients leave it out of `Host`.
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
