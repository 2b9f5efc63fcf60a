// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages
package import HTTPServer
package import RegistryAPI

/// One method of one endpoint, with its access rule, summary and responses.
///
/// A GET route also serves HEAD. The rest of the description is derived: path parameters (`PathParameter`), errors
/// (`Route.allAnswers`) and the example (`Route.example`).
package struct Route: Sendable {
    let method: HTTPRequest.Method
    let endpoint: Endpoint
    let access: RouteAccess
    let document: RouteDocument
    let handle: @Sendable (Request, RouteContext) async throws -> any Reply

    /// Creates a route; `sends` describes a body that is content, and `body` one that is JSON.
    package init(
        _ method: HTTPRequest.Method,
        _ endpoint: Endpoint,
        access: RouteAccess,
        _ summary: String,
        details: String = "",
        query: [QueryParameter] = [],
        headers: [RequestHeader] = [],
        body: (any JSONRequest.Type)? = nil,
        sends content: RouteBody? = nil,
        answers: RouteAnswer...,
        handle: @escaping @Sendable (Request, RouteContext) async throws -> any Reply
    ) {
        self.method = method
        self.endpoint = endpoint
        self.access = access
        document = RouteDocument(
            summary: summary,
            details: details,
            query: query,
            headers: headers,
            body: content ?? body.map { .json($0) },
            answers: answers
        )
        self.handle = handle
    }
}
