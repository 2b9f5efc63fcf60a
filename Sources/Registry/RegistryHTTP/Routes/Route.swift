// SPDX-License-Identifier: Apache-2.0

package import HTTPMessages
package import HTTPServer
package import RegistryAPI

/// One method of one endpoint; none can be made without saying who may use it, what it does and how it answers.
///
/// A GET also answers HEAD. The rest of its description follows from this: names of the path (`PathParameter`), refusals
/// (`Route.allAnswers`), and the example of each route (`Route.example`).
package struct Route: Sendable {
    let method: HTTPRequest.Method
    let endpoint: Endpoint
    let access: RouteAccess
    let document: RouteDocument
    let handle: @Sendable (Request, RouteContext) async throws -> any Reply

    /// `sends` is for a body that is content, `body` for one that is read as JSON.
    package init(
        _ method: HTTPRequest.Method,
        _ endpoint: Endpoint,
        access: RouteAccess,
        _ summary: String,
        details: String = "",
        query: [QueryParameter] = [],
        headers: [RequestHeader] = [],
        body: (any GiteaRequest.Type)? = nil,
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
