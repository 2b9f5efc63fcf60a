// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages

/// A request for a handler.
package struct Request: Sendable {
    /// The method, which may be any token.
    package let method: HTTPRequest.Method
    /// The path and query as sent by the client, in origin form (RFC 9112, section 3.2.1); `*` for a server-wide OPTIONS.
    package let target: String
    /// The HTTP version of the connection.
    package let version: HTTPVersion
    /// The header fields, including `Host` in every version.
    package var headers: HTTPFields
    /// The announced size of the body in bytes; 0 without a body, nil when unknown.
    package let contentLength: Int64?
    /// The body; it can be read once.
    package let body: RequestBody
    /// The client's numeric address without a port, if known; nil for Unix sockets.
    package let clientAddress: String?
    /// Whether the client used TLS to connect to this server or to a trusted proxy.
    package let isSecure: Bool

    package init(
        method: HTTPRequest.Method,
        target: String,
        version: HTTPVersion = .http1_1,
        headers: HTTPFields = [:],
        contentLength: Int64? = 0,
        body: RequestBody = .empty,
        clientAddress: String? = nil,
        isSecure: Bool = false
    ) {
        self.method = method
        self.target = target
        self.version = version
        self.headers = headers
        self.contentLength = contentLength
        self.body = body
        self.clientAddress = clientAddress
        self.isSecure = isSecure
    }

    /// The path of the target, as sent by the client.
    package var path: Substring { target.prefix { $0 != "?" } }

    /// The pairs of the target's query.
    package var query: HTTPQuery {
        HTTPQuery(target.firstIndex(of: "?").map { target[target.index(after: $0)...] })
    }
}

/// The supported HTTP versions.
package enum HTTPVersion: Sendable {
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case http1_0
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case http1_1
    case http2
}
