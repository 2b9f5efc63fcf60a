// SPDX-License-Identifier: Apache-2.0

/// The body of every refusal that a client asked for as JSON.
package struct ErrorRecord: JSONRecord, Codable, Hashable {
    package static let recordName = "Error"

    package static let fields: [JSONField<ErrorRecord>] = [
        JSONField("error", \.code),
        JSONField("message", \.message),
        JSONField("request_id", \.requestID),
    ]

    /// The kind of failure, one of the codes of `docs/API.md`.
    package let code: String

    /// One sentence: what failed, on what, what to do.
    package let message: String

    /// The request's identifier, as the server's log has it.
    package let requestID: String

    /// Creates the record from its parts.
    package init(code: String, message: String, requestID: String) {
        self.code = code
        self.message = message
        self.requestID = requestID
    }

    private enum CodingKeys: String, CodingKey {
        case code = "error"
        case message
        case requestID = "request_id"
    }
}
