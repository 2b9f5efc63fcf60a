// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages

/// A request on its way through a handler.
package struct Request: Sendable {
    /// What is asked for; any token.
    package let method: HTTPRequest.Method
    /// Path and query as the client sent them, in origin form (RFC 9112, section 3.2.1); `*` for a server-wide OPTIONS.
    package let target: String
    /// The version of HTTP that the connection speaks.
    package let version: HTTPVersion
    /// The fields, with `Host` in every version.
    package var headers: HTTPFields
    /// The size of the body in bytes; nil when the client did not announce it, 0 when there is none.
    package let contentLength: Int64?
    /// The body; it can be read once.
    package let body: RequestBody
    /// The numeric address of the client as far as it is known, without a port; nil for Unix sockets.
    package let clientAddress: String?
    /// Whether the client came over TLS, to this server or to a trusted proxy.
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

    /// The target up to its query, as it was sent.
    package var path: Substring { target.prefix { $0 != "?" } }

    /// The pairs of the target's query.
    package var query: HTTPQuery {
        HTTPQuery(target.firstIndex(of: "?").map { target[target.index(after: $0)...] })
    }
}

/// The versions of HTTP that are spoken here.
package enum HTTPVersion: Sendable {
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case http1_0
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case http1_1
    case http2
}
