// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI

extension Response {
    /// Creates a response from a JSON document, with the headers of Gitea's management interface.
    init(gitea value: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        var fields: HTTPFields = [
            .contentType: "application/json;charset=utf-8",
            .cacheControl: "max-age=0, private, must-revalidate",
            .xContentTypeOptions: "nosniff",
            .xFrameOptions: "SAMEORIGIN",
        ]
        fields.append(contentsOf: headers)
        self.init(status: status, headers: fields, body: .bytes(value.document))
    }

    /// Creates a response from a record.
    init(_ record: some JSONConvertible, status: HTTPResponse.Status = .ok) {
        self.init(gitea: record.json, status: status)
    }
}
