// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryCore

/// A complete response from a store.
struct S3Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    /// The body text; empty when the body is not a document.
    let body: String

    /// The document in the body, or nil when there is none.
    var document: XMLElement? { XMLReader.read(body) }

    /// The store's refusal, or nil when the request succeeded.
    ///
    /// A response with status 200 can still be a refusal: for a long operation, a store sends the status before it knows the outcome.
    var refusal: S3Refusal? {
        if status >= 300 { return S3Refusal(status: status, code: document?["Code"] ?? "") }
        guard let document, document.name == "Error" else { return nil }
        return S3Refusal(status: 500, code: document["Code"] ?? "InternalError")
    }

    /// The time in the response's `Date` header.
    var storeTime: Timestamp? { headers[values: .date].first.flatMap { Timestamp(httpDate: $0) } }

    /// The entity tag of the stored or found content.
    var entityTag: S3EntityTag? { S3EntityTag(headers) }
}
