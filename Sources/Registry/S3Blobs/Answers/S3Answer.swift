// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryCore

/// A whole answer of a store.
struct S3Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    /// Empty when it is not a document.
    let body: String

    /// The document in the body; nil when there is none.
    var document: XMLElement? { XMLReader.read(body) }

    /// What it refuses; nil when it did what it was asked.
    ///
    /// A 200 may turn out to be a refusal too: a store that needs long begins its answer before it knows how it ends.
    var refusal: S3Refusal? {
        if status >= 300 { return S3Refusal(status: status, code: document?["Code"] ?? "") }
        guard let document, document.name == "Error" else { return nil }
        return S3Refusal(status: 500, code: document["Code"] ?? "InternalError")
    }

    /// The time of the store's clock.
    var storeTime: Timestamp? { headers[values: .date].first.flatMap { Timestamp(httpDate: $0) } }

    /// The tag of what was stored or found.
    var entityTag: S3EntityTag? { S3EntityTag(headers) }
}
