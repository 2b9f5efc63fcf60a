// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages

/// A 200 answer as it goes over the wire, made once and sent often: only its `Date` and one variable field change.
package final class PreparedAnswer: Sendable {
    /// Content in memory, or a file.
    package enum Content: Sendable {
        case bytes([UInt8])
        case file(any FileContent, sizeInBytes: Int64)
    }

    private static let start = "HTTP/1.1 200 OK\r\nDate: "

    /// What names the content to who made the answer.
    package let token: Int64
    /// Path and query of the requests that it answers, as clients write them; its path alone is `pathLength` bytes.
    package let target: [UInt8]
    package let pathLength: Int
    package let content: Content
    /// The head for HTTP/1.1; content in memory follows it.
    let http1: [UInt8]
    let headLength: Int
    /// Where the 29 bytes of the date lie in `http1`.
    let dateOffset: Int
    /// Where the 16 bytes of the variable field lie in `http1`.
    let variableOffset: Int
    /// The fields for HTTP/2.
    let http2: HTTP2FieldBlock

    /// Prepares an answer with these fields, which have no `Date` and not the variable one, whose value has 16 bytes.
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

    /// The size of the content.
    package var sizeInBytes: Int64 {
        switch content {
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, let size): size
        }
    }

    /// How much memory the answer takes, about.
    package var bytesInMemory: Int64 {
        Int64(target.count + http1.count + http2.sizeInBytes)
    }
}
