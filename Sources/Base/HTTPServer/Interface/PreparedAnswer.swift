// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages

/// A 200 response in wire format, created once and sent often; only `Date` and one variable field change.
package final class PreparedAnswer: Sendable {
    /// The content, in memory or in a file.
    package enum Content: Sendable {
        case bytes([UInt8])
        case file(any FileContent, sizeInBytes: Int64)
    }

    private static let start = "HTTP/1.1 200 OK\r\nDate: "

    /// An identifier of the content, assigned by the response's creator.
    package let token: Int64
    /// The path and query of matching requests, as clients write them; the path occupies `pathLength` bytes.
    package let target: [UInt8]
    package let pathLength: Int
    package let content: Content
    /// The HTTP/1.1 head, followed by any content in memory.
    let http1: [UInt8]
    let headLength: Int
    /// The offset of the 29-byte date in `http1`.
    let dateOffset: Int
    /// The offset of the variable field's 16 bytes in `http1`.
    let variableOffset: Int
    /// The HTTP/2 fields.
    let http2: HTTP2FieldBlock

    /// Prepares a response; the fields must contain neither `Date` nor the variable field, whose value has 16 bytes.
    package init(
        _ fields: HTTPFields,
        variable: HTTPField.Name,
        content: Content,
        token: Int64,
        target: [UInt8] = []
    ) {
        self.token = token
        self.target = target
        pathLength = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        self.content = content
        var bytes = Array(Self.start.utf8)
        dateOffset = bytes.count
        bytes += repeatElement(UInt8(ascii: " "), count: HTTPDate.length)
        bytes += "\r\n\(variable.rawName): ".utf8
        variableOffset = bytes.count
        bytes += repeatElement(UInt8(ascii: " "), count: 16)
        bytes += "\r\n".utf8
        for field in fields { bytes += "\(field.name.rawName): \(field.value)\r\n".utf8 }
        bytes += "\r\n".utf8
        headLength = bytes.count
        if case .bytes(let content) = content { bytes += content }
        http1 = bytes
        http2 = HTTP2FieldBlock(fields, variable: variable)
    }

    /// The size of the content, in bytes.
    package var sizeInBytes: Int64 {
        switch content {
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, let size): size
        }
    }

    /// The approximate memory size of the response, in bytes.
    package var bytesInMemory: Int64 {
        Int64(target.count + http1.count + http2.sizeInBytes)
    }
}
