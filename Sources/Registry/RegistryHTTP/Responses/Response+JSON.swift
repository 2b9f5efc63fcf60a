// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI

extension Response {
    /// A record as JSON, with a line feed at the end, as people with a terminal like it.
    init(json record: some JSONConvertible, status: HTTPResponse.Status = .ok) {
        self.init(json: record.json.document, status: status)
    }

    /// A JSON document.
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
