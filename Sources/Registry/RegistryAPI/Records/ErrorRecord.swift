// SPDX-License-Identifier: Apache-2.0

/// The body of an error response for clients that accept JSON.
package struct ErrorRecord: JSONRecord, Decodable, Hashable {
    package static let recordName = "Error"

    package static let fields: [JSONField<ErrorRecord>] = [
        JSONField("error", \.code),
        JSONField("message", \.message),
        JSONField("request_id", \.requestID),
    ]

    /// The error code, as listed in `docs/API.md`.
    package let code: String
    /// The message: what failed, why, and what to do.
    package let message: String
    /// The request ID, which also appears in the server's log.
    package let requestID: String

    package init(code: String, message: String, requestID: String) {
        self.code = code
        self.message = message
        self.requestID = requestID
    }

    /// The names after the decoder's conversion from snake case.
    private enum CodingKeys: String, CodingKey {
        case code = "error"
        case message
        case requestID = "requestId"
    }
}
