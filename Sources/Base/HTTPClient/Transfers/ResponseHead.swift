// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// The head of a response.
struct ResponseHead: Sendable {
    var status: HTTPResponse.Status
    var headers = HTTPFields()
    /// Whether the version is HTTP/1, where a body without a length ends with the connection.
    var isHTTP1 = true

    /// Returns whether only the end of the connection delimits the body (RFC 9112, section 6.3).
    func isOpenEnded(of method: HTTPRequest.Method) -> Bool {
        isHTTP1 && method != .head && ![204, 304].contains(status.code) && !headers.contains(.contentLength)
            && !headers.contains(.transferEncoding)
    }
}

/// A line-by-line parser of response heads that skips interim responses and trailers.
struct ResponseHeadReader {
    /// The result of a line.
    enum Step {
        case incomplete
        /// The head is complete; reported once.
        case complete(ResponseHead)
        /// The line is invalid or exceeds the limit.
        case invalid
    }

    private var room: Int
    private var head: ResponseHead?
    private var isDone = false

    /// Creates a reader for heads of at most `limit` bytes in total.
    init(limit: Int) {
        room = limit
    }

    /// Parses a line, including its line ending.
    mutating func take(_ line: UnsafeRawBufferPointer) -> Step {
        room -= line.count
        guard room >= 0 else { return .invalid }
        // Lines after the head belong to the trailer.
        guard !isDone else { return .incomplete }
        let text = Self.trimmed(line[...])
        guard !text.isEmpty else { return end() }
        guard head != nil else { return begin(text) }
        return line[0] == UInt8(ascii: " ") || line[0] == UInt8(ascii: "\t") ? fold(text) : field(text)
    }

    private mutating func begin(_ line: Slice<UnsafeRawBufferPointer>) -> Step {
        // For example, "HTTP/1.1 200 OK" or "HTTP/2 200".
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard words.count >= 2, words[0].starts(with: "HTTP/".utf8), words[1].count == 3,
            let code = Int(String(decoding: words[1], as: UTF8.self)), code >= 100
        else { return .invalid }
        head = ResponseHead(
            status: HTTPResponse.Status(code: code),
            isHTTP1: words[0].starts(with: "HTTP/1.".utf8)
        )
        return .incomplete
    }

    private mutating func field(_ line: Slice<UnsafeRawBufferPointer>) -> Step {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
            let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self))
        else { return .invalid }
        let value = String(decoding: Self.trimmed(line[(colon + 1)...]), as: UTF8.self)
        // Conflicting lengths make the end of the response ambiguous (RFC 9112, section 6.3).
        if name == .contentLength, let other = head?.headers[name], other != value { return .invalid }
        head?.headers.append(HTTPField(name: name, value: value))
        return .incomplete
    }

    /// Appends a continuation line to the preceding field (RFC 9112, section 5.2).
    private mutating func fold(_ line: Slice<UnsafeRawBufferPointer>) -> Step {
        guard var head, let last = head.headers.last else { return .invalid }
        var fields = HTTPFields()
        fields.append(contentsOf: head.headers.dropLast())
        fields.append(HTTPField(name: last.name, value: last.value + " " + String(decoding: line, as: UTF8.self)))
        head.headers = fields
        self.head = head
        return .incomplete
    }

    private mutating func end() -> Step {
        guard let head else { return .invalid }
        self.head = nil
        guard head.status.code >= 200 else { return .incomplete }
        isDone = true
        return .complete(head)
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        let isSpace = { (byte: UInt8) in " \t\r\n".utf8.contains(byte) }
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return rest
    }
}
