// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// The request head for the upper layers, identical to that of HTTP/1.1.
extension HTTP2Head {
    var isGet: Bool { bytes(method).equals("GET") }
    var isHead: Bool { bytes(method).equals("HEAD") }

    /// Returns a view for immediate responses, which borrows the head.
    borrowing func view(clientAddress: String?, isSecure: Bool) -> HeadView {
        HeadView(
            method: isGet ? .get : isHead ? .head : .other,
            version: .http2,
            fields: known,
            target: bytes(path),
            authorization: bytes(authorization),
            clientAddress: clientAddress,
            isSecure: isSecure
        )
    }

    /// Returns the fields, including `Host`.
    borrowing func headers() -> HTTPFields {
        var headers = HTTPFields()
        headers.reserveCapacity(fields.count + 1)
        headers.append(HTTPField(name: .host, value: text(authority.isEmpty ? host : authority)))
        for field in fields where !bytes(field.name).equals("host") {
            headers.append(HTTPField(name: HTTPField.Name(token: text(field.name)), value: text(field.value)))
        }
        // Clients may split cookies into several fields for better compression (RFC 9113, section 8.2.3).
        if cookies > 1 { headers[.cookie] = headers[.cookie] }
        return headers
    }
}
