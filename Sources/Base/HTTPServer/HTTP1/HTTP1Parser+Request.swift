// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// A request head that owns its memory.
struct HTTP1RequestHead {
    let method: HTTPRequest.Method
    let target: String
    let version: HTTPVersion
    let headers: HTTPFields
    /// The announced body size; see `Request.contentLength`.
    let contentLength: Int64?
}

/// Access to the parsed head; `bytes` must be those of the call that parsed it.
extension HTTP1Parser {
    /// Returns a view for immediate responses; nil when the request requires the regular path.
    ///
    /// The view borrows the bytes, which must not change while the view is in use.
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

    /// Returns an owned head; bytes beyond ASCII are decoded as UTF-8, with U+FFFD for invalid sequences.
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
