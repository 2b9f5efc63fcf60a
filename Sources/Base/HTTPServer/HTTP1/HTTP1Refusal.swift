// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages

/// Why a message was not taken; its connection closes behind the answer, since nobody knows where the next request begins.
package struct HTTP1Refusal: Error, Hashable, Sendable {
    /// The status of the answer.
    package let status: HTTPResponse.Status
    /// What is wrong and what to do, in one line without its end.
    package let sentence: String

    private init(_ status: HTTPResponse.Status, _ sentence: String) {
        self.status = status
        self.sentence = sentence
    }

    private init(_ sentence: String) { self.init(.badRequest, sentence) }
}

/// The request line (RFC 9112, section 3).
extension HTTP1Refusal {
    static let notHTTP = Self("this is not a valid HTTP request: check the client")
    static let plainOnTLS = Self("this port speaks HTTPS: use https:// in the address")
    static let methodTooLong = Self(
        .notImplemented,
        "the request's method is longer than any that is known here: check the client"
    )
    static let noTarget = Self(
        "the request line names no target: send method, target and version, one space between them"
    )
    static let targetTooLong = Self(.uriTooLong, "the request's target is too long: send at most 8 KiB")
    static let targetBytes = Self(
        "the request's target has a byte that may not stand there: percent-encode everything but visible ASCII"
    )
    static let targetFragment = Self("the request's target has a fragment: leave # and what follows it out")
    static let targetForm = Self("the request's target is not a path: begin it with a slash")
    static let targetAuthority = Self("the request's target names no valid host: send a path, or http:// and a host")
    static let noTunnel = Self(.notImplemented, "this server is no proxy: ask it for paths of its own")
    static let noVersion = Self("the request line names no version of HTTP: end it with HTTP/1.1")
    static let otherVersion = Self(
        .httpVersionNotSupported,
        "this version of HTTP is not spoken on this connection: use HTTP/1.1"
    )
}

/// Lines and fields (RFC 9112, sections 2.2 and 5).
extension HTTP1Refusal {
    static let headTooLarge = Self(
        .requestHeaderFieldsTooLarge,
        "the request's head is too large: send fewer or shorter headers"
    )
    static let bareLineFeed = Self("a line of the request ends with LF alone: end lines with CR LF")
    static let bareCarriageReturn = Self("a line of the request has a CR that does not end it: end lines with CR LF")
    static let foldedField = Self("a header goes on in a line of its own: send each header in one line")
    static let noColon = Self("a header has no colon: send a name, a colon and a value")
    static let noName = Self("a header has no name: send a name before the colon")
    static let nameBytes = Self("a header's name has a byte that may not stand there: use letters, digits and hyphens")
    static let spaceBeforeColon = Self("a header has white space before its colon: let the colon follow the name")
    static let valueBytes = Self("a header's value has a control character: leave it out")
    static let noHost = Self("the request names no host: send one Host header")
    static let severalHosts = Self("the request names more than one host: send one Host header")
    static let badHost = Self(
        "the Host header is not a host: send a name or an address, and a port if it is not the usual one"
    )
    static let expectation = Self(
        .expectationFailed,
        "the request expects what is not done here: send no Expect header but 100-continue"
    )
}

extension HTTP1Refusal {
    /// Why a byte may not begin the line of a field.
    static func field(start byte: UInt8) -> Self {
        switch byte {
        case .space, .tab: foldedField
        case UInt8(ascii: ":"): noName
        case .lineFeed: bareLineFeed
        default: nameBytes
        }
    }

    /// Why a byte may not follow the beginning of a field's name.
    static func field(name byte: UInt8) -> Self {
        switch byte {
        case .space, .tab: spaceBeforeColon
        case .carriageReturn: noColon
        case .lineFeed: bareLineFeed
        default: nameBytes
        }
    }
}

/// Where a message ends (RFC 9112, sections 6 and 7).
extension HTTP1Refusal {
    static let badLength = Self("the Content-Length header is not one number: send the size of the body in bytes")
    static let severalLengths = Self("the request has more than one Content-Length header: send one")
    static let lengthTooLarge = Self(
        "the Content-Length header is beyond every size: send the size of the body in bytes"
    )
    static let lengthAndCoding = Self("the request has both Content-Length and Transfer-Encoding: send one of them")
    static let badCoding = Self("the Transfer-Encoding header is not valid: send chunked alone")
    static let otherCoding = Self(
        .notImplemented,
        "this transfer coding is not known here: send Content-Length, or chunked alone"
    )
    static let codingInHTTP10 = Self("HTTP/1.0 has no transfer codings: send Content-Length, or use HTTP/1.1")
    static let badChunk = Self(
        "the chunked body is not valid: send each size in hexadecimal and each chunk with its end"
    )
    static let chunkLineTooLong = Self(
        "the chunked body has a line that is too long: send chunk sizes without extensions"
    )
    static let trailerTooLarge = Self(.requestHeaderFieldsTooLarge, "the body's trailer is too large: send no trailer")
}
