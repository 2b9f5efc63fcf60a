// SPDX-License-Identifier: Apache-2.0

/// A namespace for the parts of a response.
package enum HTTPResponse {
    /// A status code with its reason phrase (RFC 9110, section 15).
    package struct Status: Hashable, Sendable, CustomStringConvertible {
        /// The three-digit code.
        package let code: Int
        /// The reason phrase of HTTP/1.1, which has no meaning.
        package let reasonPhrase: String

        package init(code: Int, reasonPhrase: String? = nil) {
            self.code = code
            self.reasonPhrase = reasonPhrase ?? Self.phrases[code] ?? ""
        }

        package var description: String { "\(code) \(reasonPhrase)" }

        package static func == (left: Status, right: Status) -> Bool { left.code == right.code }
        package func hash(into hasher: inout Hasher) { hasher.combine(code) }
    }
}

extension HTTPResponse.Status {
    private static let phrases: [Int: String] = [
        100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
        301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
        308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
        411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long",
        415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
        421: "Misdirected Request", 422: "Unprocessable Content", 423: "Locked", 426: "Upgrade Required",
        428: "Precondition Required", 429: "Too Many Requests", 431: "Request Header Fields Too Large",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
        504: "Gateway Timeout", 505: "HTTP Version Not Supported", 507: "Insufficient Storage",
    ]

    package static let `continue` = Self(code: 100)
    package static let ok = Self(code: 200)
    package static let created = Self(code: 201)
    package static let accepted = Self(code: 202)
    package static let noContent = Self(code: 204)
    package static let partialContent = Self(code: 206)
    package static let found = Self(code: 302)
    package static let notModified = Self(code: 304)
    package static let temporaryRedirect = Self(code: 307)
    package static let badRequest = Self(code: 400)
    package static let unauthorized = Self(code: 401)
    package static let forbidden = Self(code: 403)
    package static let notFound = Self(code: 404)
    package static let methodNotAllowed = Self(code: 405)
    package static let requestTimeout = Self(code: 408)
    package static let conflict = Self(code: 409)
    package static let preconditionFailed = Self(code: 412)
    package static let contentTooLarge = Self(code: 413)
    package static let uriTooLong = Self(code: 414)
    package static let unsupportedMediaType = Self(code: 415)
    package static let rangeNotSatisfiable = Self(code: 416)
    package static let expectationFailed = Self(code: 417)
    package static let unprocessableContent = Self(code: 422)
    package static let locked = Self(code: 423)
    package static let tooManyRequests = Self(code: 429)
    package static let requestHeaderFieldsTooLarge = Self(code: 431)
    package static let internalServerError = Self(code: 500)
    package static let notImplemented = Self(code: 501)
    package static let serviceUnavailable = Self(code: 503)
    package static let httpVersionNotSupported = Self(code: 505)
    package static let insufficientStorage = Self(code: 507)
}
