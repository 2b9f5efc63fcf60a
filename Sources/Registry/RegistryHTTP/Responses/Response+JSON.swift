// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import RegistryAPI

extension Response {
    /// A record as JSON, with a line feed at the end, as people with a terminal like it.
    init(json record: some JSONConvertible, status: HTTPResponse.Status = .ok) {
        self.init(json: record.json.document, status: status)
    }

    /// A JSON document.
    init(json document: [UInt8], status: HTTPResponse.Status = .ok) {
        let body = ByteBuffer(bytes: document)
        self.init(
            status: status,
            headers: [
                .contentType: "application/json",
                .contentLength: String(body.readableBytes),
                .xContentTypeOptions: "nosniff",
                .cacheControl: "no-store",
            ],
            body: ResponseBody(byteBuffer: body)
        )
    }
}
