// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// The head of an answer.
struct ResponseHead: Sendable {
    var status: HTTPResponse.Status
    var headers = HTTPFields()
    /// Whether HTTP/1 delimits messages, where one without a length goes until the connection ends.
    var isHTTP1 = true

    /// Whether nothing but the end of the connection says where the body ends (RFC 9112, section 6.3).
    func isOpenEnded(of method: HTTPRequest.Method) -> Bool {
        isHTTP1 && method != .head && ![204, 304].contains(status.code) && !headers.contains(.contentLength)
            && !headers.contains(.transferEncoding)
    }
}

/// Puts the head of an answer together, line by line, and passes over interim answers and trailers.
struct ResponseHeadReader {
    /// What a line makes known.
    enum Step {
        case incomplete
        /// The head is there; it comes once.
        case complete(ResponseHead)
        /// Nothing that HTTP knows, or too much of it.
        case invalid
    }

    private var room: Int
    private var head: ResponseHead?
    private var isDone = false

    /// Takes heads of so many bytes in all.
    init(limit: Int) {
        room = limit
    }

    /// Takes a line with its end.
    mutating func take(_ line: UnsafeRawBufferPointer) -> Step {
        room -= line.count
        guard room >= 0 else { return .invalid }
        // What comes behind the head is the trailer.
        guard !isDone else { return .incomplete }
        let text = Self.trimmed(line[...])
        guard !text.isEmpty else { return end() }
        guard head != nil else { return begin(text) }
        return line[0] == UInt8(ascii: " ") || line[0] == UInt8(ascii: "\t") ? fold(text) : field(text)
    }

    private mutating func begin(_ line: Slice<UnsafeRawBufferPointer>) -> Step {
        // Such as "HTTP/1.1 200 OK" and "HTTP/2 200".
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
        // Two lengths are two opinions on where the answer ends (RFC 9112, section 6.3).
        if name == .contentLength, let other = head?.headers[name], other != value { return .invalid }
        head?.headers.append(HTTPField(name: name, value: value))
        return .incomplete
    }

    /// A line that continues the field before it (RFC 9112, section 5.2).
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
