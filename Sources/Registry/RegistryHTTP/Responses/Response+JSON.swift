// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI

extension Response {
    /// Creates a JSON response from a record, with a trailing line feed for terminals.
    init(json record: some JSONConvertible, status: HTTPResponse.Status = .ok) {
        self.init(json: record.json.document, status: status)
    }

    /// Creates a response from a JSON document.
    init(json document: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [
                .contentType: "application/json",
                .xContentTypeOptions: "nosniff",
                .cacheControl: "no-store",
            ],
            body: .bytes(document)
        )
    }
}
