// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// The head as those above see it; the same as one of HTTP/1.1 gives.
extension HTTP2Head {
    var isGet: Bool { bytes(method).equals("GET") }
    var isHead: Bool { bytes(method).equals("HEAD") }

    /// Lends the head for an answer without a wait.
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

    /// The fields, with `Host`.
    borrowing func headers() -> HTTPFields {
        var headers = HTTPFields()
        headers.reserveCapacity(fields.count + 1)
        headers.append(HTTPField(name: .host, value: text(authority.isEmpty ? host : authority)))
        for field in fields where !bytes(field.name).equals("host") {
            headers.append(HTTPField(name: HTTPField.Name(token: text(field.name)), value: text(field.value)))
        }
        // Clients send cookies one by one, so that they compress better (RFC 9113, section 8.2.3).
        if cookies > 1 { headers[.cookie] = headers[.cookie] }
        return headers
    }
}
