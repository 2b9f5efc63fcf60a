// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
package import RegistryAPI

/// What a route takes and gives, for the description of the interface.
package struct RouteDocument: Sendable {
    /// What it does, in one line.
    let summary: String
    let query: [QueryParameter]
    /// The shape of the body; nil when none is read as JSON.
    let body: (any GiteaRequest.Type)?
    /// The answers other than refusals.
    let answers: [RouteAnswer]
}

/// A part of a URL's query that a route reads.
package struct QueryParameter: Sendable {
    let name: String
    let schema: JSONSchema
    let summary: String

    /// Describes a parameter.
    package init(_ name: String, _ schema: JSONSchema, _ summary: String) {
        self.name = name
        self.schema = schema
        self.summary = summary
    }
}

/// One way in which a route answers.
package struct RouteAnswer: Sendable {
    /// What the body of an answer is.
    enum Content: Sendable {
        case nothing
        case bytes
        case text
        /// JSON; its shape is nil where only the documents have it.
        case json(JSONSchema?)
    }

    let status: HTTPResponse.Status
    let content: Content

    static let noContent = RouteAnswer(status: .noContent, content: .nothing)
    static let text = RouteAnswer(status: .ok, content: .text)
    static let bytes = RouteAnswer(status: .ok, content: .bytes)
    static let json = RouteAnswer(status: .ok, content: .json(nil))

    /// A record, or a list of records.
    static func record(_ type: any JSONConvertible.Type, status: HTTPResponse.Status = .ok) -> RouteAnswer {
        RouteAnswer(status: status, content: .json(type.schema))
    }
}
