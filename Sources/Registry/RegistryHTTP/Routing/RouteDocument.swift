// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
package import RegistryAPI

/// The inputs and outputs of a route, for the description of the interface.
package struct RouteDocument: Sendable {
    /// The purpose of the route, in one line.
    let summary: String
    /// Further details, in Markdown.
    let details: String
    let query: [QueryParameter]
    /// The headers that the route reads, apart from those that all routes read.
    let headers: [RequestHeader]
    /// The request body; nil if none is read.
    let body: RouteBody?
    /// The responses in the route's table; `Route.allAnswers` adds those that follow from its kind.
    let answers: [RouteAnswer]
}

/// The kind of a request body.
package enum RouteBody: Sendable {
    case json(any JSONRequest.Type)
    /// The content of a file.
    case file
    /// A piece of a file's content, in the format of tus.
    case piece
}

/// A query parameter that a route reads.
package struct QueryParameter: Sendable {
    let name: String
    let schema: JSONSchema
    let summary: String
    /// The value in the route's example; nil to omit the parameter.
    let example: String?

    /// Creates the description of a parameter.
    package init(_ name: String, _ schema: JSONSchema, _ summary: String, example: String? = nil) {
        self.name = name
        self.schema = schema
        self.summary = summary
        self.example = example
    }
}

/// A request header that a route reads.
package struct RequestHeader: Sendable {
    let name: String
    let summary: String
    let schema: JSONSchema
    /// The value in the route's example.
    let example: String?
    /// Whether the route requires the header.
    let isRequired: Bool

    /// Creates the description of a header; one with an example is required unless it has an alternative.
    init(
        _ name: String,
        _ summary: String,
        _ schema: JSONSchema = .text,
        example: String? = nil,
        isRequired: Bool? = nil
    ) {
        self.isRequired = isRequired ?? (example != nil)
        self.name = name
        self.summary = summary
        self.schema = schema
        self.example = example
    }
}
