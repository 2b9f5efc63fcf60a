// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// How the end of an answer's content is found.
enum AnswerFraming: Hashable, Sendable {
    /// There is none: the head is the whole answer.
    case none
    case length(Int64)
    case chunked
    /// The end of the connection, for clients of HTTP/1.0 (RFC 9112, section 6.3).
    case connection
}

/// The head of an answer for HTTP/1.1, whose framing does not depend on what a handler says.
struct HTTP1ResponseHead {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    /// How content follows the head.
    let framing: AnswerFraming
    /// What becomes of the connection.
    let persistence: Persistence
    private let announced: AnswerFraming

    /// Decides on framing and connection; `contentLength` is nil when it is not known.
    ///
    /// `persistence` is what the request and the connection want; a handler may only make it end.
    init(
        status: HTTPResponse.Status,
        headers: HTTPFields,
        contentLength: Int64?,
        toHead: Bool,
        version: HTTPVersion,
        persistence: Persistence
    ) {
        self.status = status
        self.headers = headers
        let hasNoContent = status.code < 200 || status.code == 204 || status.code == 304
        if hasNoContent {
            announced = .none
        } else if toHead, let length = headers[.contentLength].flatMap({ Int64($0) }) {
            announced = .length(length)
        } else if let contentLength {
            announced = .length(contentLength)
        } else {
            announced = version == .http1_0 ? .connection : .chunked
        }
        framing = toHead ? .none : announced
        let closes = framing == .connection || headers[.connection]?.lowercased() == "close"
        self.persistence = closes ? .closes : persistence
    }

    /// Adds the head to bytes, with `Date` unless there is one.
    ///
    /// Whatever the values hold, no other line comes of it: control characters become spaces (RFC 9110, section 5.5).
    func append(to bytes: inout [UInt8], date: [UInt8]) {
        bytes += "HTTP/1.1 ".utf8
        Self.append(status.code, to: &bytes)
        bytes.append(.space)
        Self.append(value: status.reasonPhrase, to: &bytes)
        bytes += "\r\n".utf8
        if !headers.contains(.date), status.code >= 200 {
            bytes += "Date: ".utf8
            bytes += date
            bytes += "\r\n".utf8
        }
        for field in headers where !Self.isOwn(field.name) {
            Self.append(name: field.name.rawName, to: &bytes)
            bytes += ": ".utf8
            Self.append(value: field.value, to: &bytes)
            bytes += "\r\n".utf8
        }
        switch announced {
        case .none, .connection: break
        case .length(let length): bytes += "Content-Length: \(length)\r\n".utf8
        case .chunked: bytes += "Transfer-Encoding: chunked\r\n".utf8
        }
        if status.code >= 200 {
            switch persistence {
            case .persistent: break
            case .keptAlive: bytes += "Connection: keep-alive\r\n".utf8
            case .closes: bytes += "Connection: close\r\n".utf8
            }
        }
        bytes += "\r\n".utf8
    }

    /// Whether the server alone writes a field.
    private static func isOwn(_ name: HTTPField.Name) -> Bool {
        name == .contentLength || name == .transferEncoding || name == .connection
    }

    private static func append(_ code: Int, to bytes: inout [UInt8]) {
        for divisor in [100, 10, 1] { bytes.append(UInt8(ascii: "0") + UInt8(code.magnitude / UInt(divisor) % 10)) }
    }

    private static func append(name: String, to bytes: inout [UInt8]) {
        for byte in name.utf8 { bytes.append(byte.isToken ? byte : UInt8(ascii: "-")) }
    }

    private static func append(value: String, to bytes: inout [UInt8]) {
        for byte in value.utf8 { bytes.append(byte < .space && byte != .tab || byte == .delete ? .space : byte) }
    }
}

extension HTTP1ResponseHead {
    /// Tells a client that its body is wanted (RFC 9110, section 15.2.1).
    static let `continue` = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    /// Ends a chunked answer.
    static let lastChunk = Array("0\r\n\r\n".utf8)

    /// Adds what stands before the content of a chunk, which is not empty and which `\r\n` follows.
    static func appendChunkSize(_ size: Int, to bytes: inout [UInt8]) {
        bytes += String(size, radix: 16).utf8
        bytes += "\r\n".utf8
    }
}

extension HTTP1Refusal {
    /// The whole answer; the connection ends behind it.
    func answer(toHead: Bool = false, date: [UInt8]) -> [UInt8] {
        let text = Array((sentence + "\n").utf8)
        let head = HTTP1ResponseHead(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8"],
            contentLength: Int64(text.count),
            toHead: toHead,
            version: .http1_1,
            persistence: .closes
        )
        var bytes: [UInt8] = []
        head.append(to: &bytes, date: date)
        return toHead ? bytes : bytes + text
    }
}
