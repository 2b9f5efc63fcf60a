// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import RegistryAPI
import RegistryCore

/// A server's error response, for conversion to a client error.
struct Refusal {
    let status: Int
    let contentType: String?
    let location: String?
    let body: String
    let retryAfter: Duration?
    /// Whether the response states the offset of an upload.
    var tellsOffset = false

    /// Returns the client error for this response.
    func error(method: String, url: String, isSignedIn: Bool) -> ClientError {
        if (300..<400).contains(status), let location {
            return ClientError(
                .refused,
                "\(method) \(url) is redirected to \(withoutQuery(location).quoted()), and credentials are not forwarded;"
                    + " if that is the registry, give its address with --url"
            )
        }
        if isOfProxy {
            return ClientError(
                .bodyTooLarge,
                "\(method) \(url) failed with status 413: a proxy in front of the registry rejects a body of this size;"
                    + " raise its limit (client_max_body_size in nginx)"
            )
        }
        let sentence = sentence ?? "\(method) \(url) failed with status \(status)"
        return ClientError(code, sentence + advice(isSignedIn: isSignedIn), retryAfter: retryAfter)
    }

    /// Whether the response comes from a proxy: the registry sends an error record, a proxy sends a page.
    private var isOfProxy: Bool { status == 413 && record == nil }

    /// The kind of failure, by the record's code where a status is ambiguous, else by the status.
    private var code: ClientError.Code {
        if record?.code == "version_exists" { return .conflict }
        return switch status {
        // The upload's offset differs from the client's, perhaps because earlier bytes arrived late. The upload can be resumed.
        case 409 where tellsOffset: .unavailable
        case 401: .unauthenticated
        case 403: .forbidden
        case 404, 410: .notFound
        case 409, 412: .conflict
        case 408, 429, 502, 503, 504: .unavailable
        default: .refused
        }
    }

    private var record: ErrorRecord? {
        try? JSONDecoder.ofRecords().decode(ErrorRecord.self, from: Data(body.utf8))
    }

    /// The server's message, or nil when the body is another document, such as a proxy's page.
    private var sentence: String? {
        if let record { return oneLine(record.message) }
        guard let contentType, contentType.lowercased().hasPrefix("text/plain") else { return nil }
        let text = oneLine(body)
        return text.isEmpty ? nil : text
    }

    private func advice(isSignedIn: Bool) -> String {
        guard status == 401 else { return "" }
        return isSignedIn
            ? " (the access token was rejected; sign in again with granary login)"
            : " (sign in with granary login or set GRANARY_TOKEN)"
    }

    /// Returns the address without its query, which contains the credential of a presigned URL.
    private func withoutQuery(_ address: String) -> String {
        String(address.prefix { $0 != "?" })
    }
}
