// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI

/// A status that a route returns, with its meaning.
package struct RouteAnswer: Sendable {
    /// The format of a response body.
    enum Media: Sendable {
        case bytes
        case byteRanges
        case text
        case json(JSONSchema)
        /// JSON whose schema another standard defines.
        case document
    }

    /// The possible bodies of a response; empty if it has none.
    enum Content: Sendable {
        case some([Media])
        /// The error format of the route.
        case refusal

        static let nothing = Content.some([])
    }

    let status: HTTPResponse.Status
    /// The condition for the response, in Markdown.
    let meaning: String
    let content: Content
    let headers: [AnswerHeader]

    init(_ status: HTTPResponse.Status, _ meaning: String, _ content: Content = .nothing, headers: [AnswerHeader] = [])
    {
        self.status = status
        self.meaning = meaning
        self.content = content
        self.headers = headers
    }

    static let noContent = RouteAnswer(.noContent, "done")
    static let text = RouteAnswer(.ok, "one word", .some([.text]))

    /// Creates the description of a response with a record or a list of records.
    static func record(_ type: any JSONConvertible.Type, status: HTTPResponse.Status = .ok) -> RouteAnswer {
        RouteAnswer(status, status == .created ? "created" : "found", .some([.json(type.schema)]))
    }

    /// Creates the description of a response with a page of a list, whose total is in Gitea's headers.
    static func page(_ type: any JSONConvertible.Type) -> RouteAnswer {
        RouteAnswer(.ok, "one page of the list", .some([.json(type.schema)]), headers: [.totalCount, .link])
    }

    /// Creates the description of an error response.
    static func refusal(_ status: HTTPResponse.Status, _ meaning: String) -> RouteAnswer {
        let headers: [AnswerHeader] =
            switch status {
            case .unauthorized: [.challenge]
            case .tooManyRequests: [.retryAfter]
            case .serviceUnavailable: [.retryAfterWhereItHelps]
            case .rangeNotSatisfiable: [.contentRange]
            default: []
            }
        return RouteAnswer(status, meaning, .refusal, headers: headers)
    }
}

extension HTTPResponse.Status {
    /// The status 507 (RFC 4918, section 11.5).
    static let insufficientStorage = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
}
