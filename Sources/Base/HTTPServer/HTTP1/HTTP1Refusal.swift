// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages

/// The reason for rejecting a message; the connection closes after the response, because the start of the next request is unknown.
package struct HTTP1Refusal: Error, Hashable, Sendable {
    /// The status of the response.
    package let status: HTTPResponse.Status
    /// The problem and its remedy, in one line without a line ending.
    package let sentence: String

    private init(_ status: HTTPResponse.Status, _ sentence: String) {
        self.status = status
        self.sentence = sentence
    }

    private init(_ sentence: String) { self.init(.badRequest, sentence) }
}

/// Request line (RFC 9112, section 3).
extension HTTP1Refusal {
    static let notHTTP = Self("this is not a valid HTTP request: check the client")
    static let plainOnTLS = Self("this port requires HTTPS: use https:// in the URL")
    static let methodTooLong = Self(
        .notImplemented,
        "the request method is too long: check the client"
    )
    static let noTarget = Self(
        "the request line has no target: send method, target and version, separated by single spaces"
    )
    static let targetTooLong = Self(.uriTooLong, "the request target is too long: send at most 8 KiB")
    static let targetBytes = Self(
        "the request target contains an invalid byte: percent-encode everything except visible ASCII"
    )
    static let targetFragment = Self("the request target has a fragment: omit # and everything after it")
    static let targetForm = Self("the request target is not a path: start it with a slash")
    static let targetAuthority = Self("the request target has no valid host: send a path, or http:// and a host")
    static let noTunnel = Self(.notImplemented, "this server is not a proxy: request a path on this server")
    static let noVersion = Self("the request line has no HTTP version: end it with HTTP/1.1")
    static let otherVersion = Self(
        .httpVersionNotSupported,
        "this HTTP version is not supported on this connection: use HTTP/1.1"
    )
}

/// Lines and fields (RFC 9112, sections 2.2 and 5).
extension HTTP1Refusal {
    static let headTooLarge = Self(
        .requestHeaderFieldsTooLarge,
        "the request head is too large: send fewer or shorter headers"
    )
    static let bareLineFeed = Self("a line of the request ends with LF alone: end lines with CR LF")
    static let bareCarriageReturn = Self("a line of the request contains a bare CR: end lines with CR LF")
    static let foldedField = Self("a header is folded over several lines: send each header on one line")
    static let noColon = Self("a header has no colon: send a name, a colon and a value")
    static let noName = Self("a header has no name: send a name before the colon")
    static let nameBytes = Self("a header name contains an invalid byte: use letters, digits and hyphens")
    static let spaceBeforeColon = Self("a header has white space before its colon: remove the white space")
    static let valueBytes = Self("a header value contains a control character: remove it")
    static let noHost = Self("the request has no host: send one Host header")
    static let severalHosts = Self("the request has more than one host: send one Host header")
    static let badHost = Self(
        "the Host header is not a valid host: send a name or an address, and the port if it is not the default"
    )
    static let expectation = Self(
        .expectationFailed,
        "unsupported expectation: send no Expect header except 100-continue"
    )
}

extension HTTP1Refusal {
    /// Returns the refusal for a byte that may not begin a field line.
    static func field(start byte: UInt8) -> Self {
        switch byte {
        case .space, .tab: foldedField
        case UInt8(ascii: ":"): noName
        case .lineFeed: bareLineFeed
        default: nameBytes
        }
    }

    /// Returns the refusal for a byte that may not occur in a field name.
    static func field(name byte: UInt8) -> Self {
        switch byte {
        case .space, .tab: spaceBeforeColon
        case .carriageReturn: noColon
        case .lineFeed: bareLineFeed
        default: nameBytes
        }
    }
}

/// Message framing (RFC 9112, sections 6 and 7).
extension HTTP1Refusal {
    static let badLength = Self("the Content-Length header is not a single number: send the size of the body in bytes")
    static let severalLengths = Self("the request has more than one Content-Length header: send one")
    static let lengthTooLarge = Self(
        "the Content-Length header is too large: send the size of the body in bytes"
    )
    static let lengthAndCoding = Self(
        "the request has both Content-Length and Transfer-Encoding: send only one of them"
    )
    static let badCoding = Self("the Transfer-Encoding header is not valid: send chunked alone")
    static let otherCoding = Self(
        .notImplemented,
        "unsupported transfer coding: send Content-Length, or chunked alone"
    )
    static let codingInHTTP10 = Self("HTTP/1.0 has no transfer codings: send Content-Length, or use HTTP/1.1")
    static let badChunk = Self(
        "the chunked body is not valid: send each size in hexadecimal, and end each chunk with CR LF"
    )
    static let chunkLineTooLong = Self(
        "the chunked body has a line that is too long: send chunk sizes without extensions"
    )
    static let trailerTooLarge = Self(.requestHeaderFieldsTooLarge, "the body's trailer is too large: send no trailer")
}
