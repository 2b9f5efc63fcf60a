// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI

/// One status with which a route answers, and what it means.
package struct RouteAnswer: Sendable {
    /// What the body of an answer can be.
    enum Media: Sendable {
        case bytes
        case byteRanges
        case text
        case json(JSONSchema)
        /// JSON whose shape another standard has.
        case document
    }

    /// What its body can be; empty where it has none.
    enum Content: Sendable {
        case some([Media])
        /// What refusals have on this route.
        case refusal

        static let nothing = Content.some([])
    }

    let status: HTTPResponse.Status
    /// When it comes, in Markdown.
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

    /// A record, or a list of records.
    static func record(_ type: any JSONConvertible.Type, status: HTTPResponse.Status = .ok) -> RouteAnswer {
        RouteAnswer(status, status == .created ? "created" : "found", .some([.json(type.schema)]))
    }

    /// A page of a list, which Gitea's headers count.
    static func page(_ type: any JSONConvertible.Type) -> RouteAnswer {
        RouteAnswer(.ok, "one page of the list", .some([.json(type.schema)]), headers: [.totalCount, .link])
    }

    /// A refusal.
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
    /// RFC 4918, section 11.5.
    static let insufficientStorage = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
}
