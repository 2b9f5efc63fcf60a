// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// The head of a request in memory of its own.
struct HTTP1RequestHead {
    let method: HTTPRequest.Method
    let target: String
    let version: HTTPVersion
    let headers: HTTPFields
    /// As in `Request.contentLength`.
    let contentLength: Int64?
}

/// What was read, as values for those above; `bytes` are those of the call that read it.
extension HTTP1Parser {
    /// The head for an answer without a wait; nil when it must take the ordinary way.
    ///
    /// The method is lent the bytes, which must stay as they are as long as the view is used.
    func view(of bytes: UnsafeRawBufferPointer, clientAddress: String?, isSecure: Bool) -> HeadView? {
        guard !isPathMissing else { return nil }
        return HeadView(
            method: methodKind(bytes),
            version: version,
            fields: known,
            target: UnsafeRawBufferPointer(rebasing: bytes[target]),
            authorization: UnsafeRawBufferPointer(rebasing: bytes[authorization]),
            clientAddress: clientAddress,
            isSecure: isSecure
        )
    }

    private func methodKind(_ bytes: UnsafeRawBufferPointer) -> HeadView.Method {
        bytes.withMemoryRebound(to: UInt8.self) { bytes in
            if bytes.span.equals("GET", in: method) { return .get }
            return bytes.span.equals("HEAD", in: method) ? .head : .other
        }
    }

    /// The head as values; bytes beyond ASCII are read as UTF-8, with U+FFFD for what is none.
    func requestHead(of bytes: UnsafeRawBufferPointer) -> HTTP1RequestHead {
        bytes.withMemoryRebound(to: UInt8.self) { requestHead(of: $0.span) }
    }

    func requestHead(of bytes: Span<UInt8>) -> HTTP1RequestHead {
        var headers = HTTPFields()
        headers.reserveCapacity(fields.count)
        for field in fields {
            headers.append(
                HTTPField(name: HTTPField.Name(token: bytes.text(field.name)), value: bytes.text(field.value))
            )
        }
        if !authority.isEmpty { headers[.host] = bytes.text(authority) }
        let contentLength: Int64? =
            switch framing {
            case .none: 0
            case .length(let length): length
            case .chunked: nil
            }
        return HTTP1RequestHead(
            method: HTTPRequest.Method(bytes.text(method)),
            target: (isPathMissing ? "/" : "") + bytes.text(target),
            version: version,
            headers: headers,
            contentLength: contentLength
        )
    }
}
