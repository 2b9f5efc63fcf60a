// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import NIOCore

/// The form of messages on the administrators' socket.
enum JSON {
    /// Reads a message.
    static func decode<Value: Decodable>(_ type: Value.Type, from buffer: ByteBuffer) throws -> Value {
        try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
    }

    /// Writes a message.
    static func encode(_ value: some Encodable) throws -> ByteBuffer {
        ByteBuffer(bytes: try JSONEncoder().encode(value))
    }
}
