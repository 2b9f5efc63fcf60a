// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import HTTPMessages

/// The head of an HTTP/2 response: the fields of HTTP/1.1 without the connection-specific ones (RFC 9113, section 8.2.2).
struct HTTP2ResponseHead {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    /// The value of `Content-Length`; nil when it is unknown or not applicable.
    let contentLength: Int64?
    /// Whether content follows the head, even if it is empty.
    let hasContent: Bool

    /// Determines the length; `contentLength` is nil when unknown.
    init(status: HTTPResponse.Status, headers: HTTPFields, contentLength: Int64?, toHead: Bool) {
        self.status = status
        self.headers = headers
        let hasContent = Self.hasContent(status)
        let announced = toHead ? headers[.contentLength].flatMap { Int64($0) } : nil
        self.contentLength = hasContent ? announced ?? contentLength : nil
        self.hasContent = hasContent && !toHead
    }

    /// Returns whether responses with a status have content.
    static func hasContent(_ status: HTTPResponse.Status) -> Bool {
        status.code >= 200 && status.code != 204 && status.code != 304
    }

    private static let connectionFields: Set<String> = [
        "connection", "content-length", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
    ]

    /// Writes the fields to a list, and adds `Date` if it is missing.
    func write(to list: inout HTTP2FieldList, date: [UInt8]) {
        list.removeAll()
        list.append(":status", String(status.code))
        if !headers.contains(.date) { list.append("date", date) }
        for field in headers where !Self.connectionFields.contains(field.name.canonicalName) {
            list.append(field.name.canonicalName, field.value)
        }
        if let contentLength { list.append("content-length", String(contentLength)) }
    }
}

/// A reusable list of fields for the library.
struct HTTP2FieldList {
    private var text: [UInt8] = []
    private var ends: [(name: Int, value: Int)] = []
    private var pairs: [nghttp2_nv] = []

    mutating func removeAll() {
        if text.capacity > 16 * 1024 { text = [] }
        text.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    /// Appends a field; control characters in the value become spaces, as in HTTP/1.1 (RFC 9110, section 5.5).
    mutating func append(_ name: String, _ value: String) {
        text += name.utf8
        let nameEnd = text.count
        for byte in value.utf8 { text.append(byte < .space && byte != .tab || byte == .delete ? .space : byte) }
        ends.append((nameEnd, text.count))
    }

    mutating func append(_ name: String, _ value: [UInt8]) {
        text += name.utf8
        let nameEnd = text.count
        text += value
        ends.append((nameEnd, text.count))
    }

    /// Passes the fields to the library, which copies them.
    @discardableResult
    mutating func withPairs<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
        pairs.removeAll(keepingCapacity: true)
        return text.withUnsafeMutableBufferPointer { text in
            var start = 0
            for end in ends {
                pairs.append(
                    nghttp2_nv(
                        name: text.baseAddress.map { $0 + start },
                        value: text.baseAddress.map { $0 + end.name },
                        namelen: end.name - start,
                        valuelen: end.value - end.name,
                        flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)
                    )
                )
                start = end.value
            }
            return pairs.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
        }
    }
}
