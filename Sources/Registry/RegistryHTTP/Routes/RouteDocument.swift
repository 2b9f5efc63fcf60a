// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
package import RegistryAPI

/// What a route takes and gives, for the description of the interface.
package struct RouteDocument: Sendable {
    /// What it does, in one line.
    let summary: String
    /// What else there is to say, in Markdown.
    let details: String
    let query: [QueryParameter]
    /// The headers that it reads beside those that every route does.
    let headers: [RequestHeader]
    /// Nil when no body is read.
    let body: RouteBody?
    /// The answers that its table lists; what follows from its kind is added in `Route.allAnswers`.
    let answers: [RouteAnswer]
}

/// What the body of a request is.
package enum RouteBody: Sendable {
    case json(any GiteaRequest.Type)
    /// The content of a file.
    case file
    /// A piece of the content of a file, as tus has it.
    case piece
}

/// A part of a URL's query that a route reads.
package struct QueryParameter: Sendable {
    let name: String
    let schema: JSONSchema
    let summary: String
    /// The value that the route's example has; the example leaves it out when there is none.
    let example: String?

    /// Describes a parameter.
    package init(_ name: String, _ schema: JSONSchema, _ summary: String, example: String? = nil) {
        self.name = name
        self.schema = schema
        self.summary = summary
        self.example = example
    }
}

/// A header of requests that a route reads, in a form of its own.
package struct RequestHeader: Sendable {
    let name: String
    let summary: String
    let schema: JSONSchema
    /// The value that the route's example has.
    let example: String?
    /// Whether the route needs the header.
    let isRequired: Bool

    /// A header with an example is required unless another one can take its place.
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
