// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages

/// A request to a server.
package struct HTTPClientRequest: Sendable {
    package var method: HTTPRequest.Method
    /// An `http` or `https` URL without user information; its path is sent as it is written here.
    package var url: String
    /// The fields that are sent, and no others but `Host` and those that frame the body.
    ///
    /// `Content-Length` and `Transfer-Encoding` follow from the body. With `Expect: 100-continue` the body waits for the
    /// server's consent, for a second at most.
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
    /// Pieces that are asked for as fast as the server takes them, of a known length in bytes or, with nil, until they end.
    ///
    /// What the sequence throws is thrown by the request. It fails when the pieces do not have the length.
    case stream(any AsyncSequence<[UInt8], any Error> & Sendable, length: Int64?)
}
