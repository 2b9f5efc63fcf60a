// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore

/// An answer as it goes over the wire, with room for what differs from one time to the next.
struct HotTemplate: Sendable {
    private static let beforeDate = "HTTP/1.1 200 OK\r\nDate: "
    private static let afterDate = "\r\nX-Request-Id: "
    private static let dateOffset = beforeDate.utf8.count
    private static let idOffset = dateOffset + HTTPClock.length + afterDate.utf8.count

    private let buffer: ByteBuffer

    /// A 200 answer of HTTP/1.1 with these fields, up to its content, or with it.
    init(_ fields: HTTPFields, content: ByteBuffer? = nil) {
        var buffer = ByteBuffer(string: Self.beforeDate)
        buffer.writeRepeatingByte(UInt8(ascii: " "), count: HTTPClock.length)
        buffer.writeString(Self.afterDate)
        buffer.writeRepeatingByte(UInt8(ascii: " "), count: RequestID.length)
        buffer.writeString("\r\n")
        for field in fields { buffer.writeString("\(field.name.rawName): \(field.value)\r\n") }
        buffer.writeString("\r\n")
        if let content { buffer.writeImmutableBuffer(content) }
        self.buffer = buffer
    }

    var sizeInBytes: Int64 { Int64(buffer.readableBytes) }

    /// The answer to one request, now.
    func filled(_ id: RequestID) -> ByteBuffer {
        var buffer = buffer
        buffer.setString(HTTPClock.now, at: Self.dateOffset)
        buffer.setString(id.text, at: Self.idOffset)
        return buffer
    }
}
