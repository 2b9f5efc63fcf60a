// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// The framing of response content.
enum AnswerFraming: Hashable, Sendable {
    /// No content: the head is the whole response.
    case none
    case length(Int64)
    case chunked
    /// Content that ends with the connection, for HTTP/1.0 clients (RFC 9112, section 6.3).
    case connection
}

/// The head of an HTTP/1.1 response, whose framing the server alone determines.
struct HTTP1ResponseHead {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    /// The framing of the content after the head.
    let framing: AnswerFraming
    /// The state of the connection after the response.
    let persistence: Persistence
    private let announced: AnswerFraming

    /// Determines framing and persistence; `contentLength` is nil when unknown.
    ///
    /// `persistence` reflects the request and the connection; a handler can only make the connection close.
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

    /// Appends the head to bytes, and adds `Date` if it is missing.
    ///
    /// Values cannot inject lines: control characters become spaces (RFC 9110, section 5.5).
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

    /// Returns whether only the server sets a field.
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
    /// The interim response that requests the body (RFC 9110, section 15.2.1).
    static let `continue` = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    /// The end of a chunked response.
    static let lastChunk = Array("0\r\n\r\n".utf8)

    /// Appends the size line of a chunk, which must not be empty; `\r\n` must follow the content.
    static func appendChunkSize(_ size: Int, to bytes: inout [UInt8]) {
        bytes += String(size, radix: 16).utf8
        bytes += "\r\n".utf8
    }
}

extension HTTP1Refusal {
    /// Returns the complete response, after which the connection closes.
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
