// SPDX-License-Identifier: Apache-2.0

import Digests
import RegistryCore

/// A signer that implements AWS Signature Version 4 for the service `s3`, as a pure function of its input.
struct RequestSigner: Sendable {
    /// The placeholder for the digest of an unsigned body.
    static let unsignedPayload = "UNSIGNED-PAYLOAD"

    private static let algorithm = "AWS4-HMAC-SHA256"

    let credentials: S3Credentials
    let region: String

    /// Returns the headers that authenticate a request, to be sent in addition to its own.
    ///
    /// The signature covers all headers of the request, which must include `host`. `payload` is the SHA-256 of the body in hex.
    func headers(for request: SignedParts, payload: String, at moment: Timestamp) -> [(name: String, value: String)] {
        let stamp = Self.stamp(moment)
        var added = [(name: "x-amz-content-sha256", value: payload), (name: "x-amz-date", value: stamp)]
        if let token = credentials.sessionToken { added.append(("x-amz-security-token", token)) }
        var whole = request
        whole.headers += added
        let signature = signature(of: whole.canonical(payload: payload), at: stamp)
        let authorization =
            "\(Self.algorithm) Credential=\(credentials.accessKey)/\(scope(stamp)),"
            + "SignedHeaders=\(whole.signedHeaderNames),Signature=\(signature)"
        return added + [("authorization", authorization)]
    }

    /// Returns the query of a URL that lets anyone make this request until it expires.
    func query(for request: SignedParts, lifetime: Duration, at moment: Timestamp) -> String {
        let stamp = Self.stamp(moment)
        var whole = request
        whole.query += [
            ("X-Amz-Algorithm", Self.algorithm),
            ("X-Amz-Credential", "\(credentials.accessKey)/\(scope(stamp))"),
            ("X-Amz-Date", stamp),
            ("X-Amz-Expires", String(lifetime.components.seconds)),
            ("X-Amz-SignedHeaders", whole.signedHeaderNames),
        ]
        if let token = credentials.sessionToken { whole.query.append(("X-Amz-Security-Token", token)) }
        let signature = signature(of: whole.canonical(payload: Self.unsignedPayload), at: stamp)
        return "\(whole.canonicalQuery)&X-Amz-Signature=\(signature)"
    }

    private func signature(of canonical: String, at stamp: String) -> String {
        let digest = Hexadecimal.encoded(SHA256.hash(data: Array(canonical.utf8)))
        let text = [Self.algorithm, stamp, scope(stamp), digest].joined(separator: "\n")
        // The key is derived per day, region and service, so that a leaked signing key does not reveal the secret.
        var key = Array("AWS4\(credentials.secretKey)".utf8)
        for part in scope(stamp).split(separator: "/") { key = Self.authenticationCode(String(part), key) }
        return Hexadecimal.encoded(Self.authenticationCode(text, key))
    }

    private func scope(_ stamp: String) -> String { "\(stamp.prefix(8))/\(region)/s3/aws4_request" }

    private static func authenticationCode(_ text: String, _ key: [UInt8]) -> [UInt8] {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key))
    }

    /// Returns a timestamp such as `20130524T000000Z`.
    private static func stamp(_ moment: Timestamp) -> String {
        moment.iso8601.filter { $0 != "-" && $0 != ":" }
    }
}
