// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationEssentialsCompat
import RegistryAPI

extension Response {
    /// A record as JSON.
    init(record: some JSONRecord) {
        self.init(jsonBody: ByteBuffer(bytes: record.json.document))
    }

    /// A value as JSON, with a line feed at the end, as people with a terminal like it.
    init(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        var body = try encoder.encodeAsByteBuffer(value, allocator: ByteBufferAllocator())
        body.writeInteger(UInt8(ascii: "\n"))
        self.init(jsonBody: body)
    }

    private init(jsonBody body: ByteBuffer) {
        self.init(
            status: .ok,
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
