// SPDX-License-Identifier: Apache-2.0

package import HTTPTypes
package import Hummingbird
package import RegistryAPI

/// One method of one endpoint; none can be made without saying who may use it.
///
/// A GET also answers HEAD.
package struct Route: Sendable {
    let method: HTTPRequest.Method
    let endpoint: Endpoint
    let access: RouteAccess
    let document: RouteDocument
    let handle: @Sendable (Request, RouteContext) async throws -> Response

    package init(
        _ method: HTTPRequest.Method,
        _ endpoint: Endpoint,
        access: RouteAccess,
        _ summary: String,
        query: [QueryParameter] = [],
        body: (any GiteaRequest.Type)? = nil,
        answers: RouteAnswer...,
        handle: @escaping @Sendable (Request, RouteContext) async throws -> Response
    ) {
        self.method = method
        self.endpoint = endpoint
        self.access = access
        document = RouteDocument(summary: summary, query: query, body: body, answers: answers)
        self.handle = handle
    }
}
