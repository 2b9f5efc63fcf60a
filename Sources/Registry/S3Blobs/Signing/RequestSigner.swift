// SPDX-License-Identifier: Apache-2.0

import Digests
import RegistryCore

/// Signs requests with AWS Signature Version 4 for the service `s3`: a pure function of its input.
struct RequestSigner: Sendable {
    /// The digest that stands for a body that is not signed.
    static let unsignedPayload = "UNSIGNED-PAYLOAD"

    private static let algorithm = "AWS4-HMAC-SHA256"

    let credentials: S3Credentials
    let region: String

    /// The headers that a request needs beside its own to be believed.
    ///
    /// All of the request's headers are signed, `host` must be among them; `payload` is the SHA-256 of the body in hex.
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

    /// The query of a URL that lets whoever has it make this request for a while.
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
        // The key is bound to a day, a region and a service, so that no use of it reveals the secret.
        var key = Array("AWS4\(credentials.secretKey)".utf8)
        for part in scope(stamp).split(separator: "/") { key = Self.authenticationCode(String(part), key) }
        return Hexadecimal.encoded(Self.authenticationCode(text, key))
    }

    private func scope(_ stamp: String) -> String { "\(stamp.prefix(8))/\(region)/s3/aws4_request" }

    private static func authenticationCode(_ text: String, _ key: [UInt8]) -> [UInt8] {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key))
    }

    /// Such as `20130524T000000Z`.
    private static func stamp(_ moment: Timestamp) -> String {
        moment.iso8601.filter { $0 != "-" && $0 != ":" }
    }
}
