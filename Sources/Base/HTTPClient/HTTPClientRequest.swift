// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages

/// A request to a server.
package struct HTTPClientRequest: Sendable {
    package var method: HTTPRequest.Method
    /// An `http` or `https` URL without user information; its path is sent unchanged.
    package var url: String
    /// The header fields to send; the client adds only `Host` and the fields that frame the body.
    ///
    /// `Content-Length` and `Transfer-Encoding` follow from the body. With `Expect: 100-continue`, the body waits up to `consent` for the
    /// interim response.
    package var headers: HTTPFields
    package var body: HTTPClientBody
    package var timeouts: HTTPClientTimeouts

    package init(
        method: HTTPRequest.Method = .get,
        url: String,
        headers: HTTPFields = [:],
        body: HTTPClientBody = .none,
        timeouts: HTTPClientTimeouts = HTTPClientTimeouts()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeouts = timeouts
    }
}

/// The content of a request.
package enum HTTPClientBody: Sendable {
    case none
    case bytes([UInt8])
    /// A stream of pieces with backpressure, and its length in bytes if known.
    ///
    /// The request throws any error of the sequence. It fails when the total differs from `length`.
    case stream(any AsyncSequence<[UInt8], any Error> & Sendable, length: Int64?)
}
