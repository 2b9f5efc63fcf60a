// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI

/// The route that returns the machine-readable description of the interface.
enum DescriptionRoutes {
    @Sendable
    private static func describe(_ request: Request, context: RouteContext) async throws -> Response {
        Response(json: OpenAPIDocument.text(below: context.services.publicURL.path))
    }

    static let routes = [
        Route(
            .get,
            .openAPI,
            access: .open,
            "Returns the description of this interface as OpenAPI 3.1",
            answers: RouteAnswer(.ok, "the document from which this page is generated", .some([.document])),
            handle: describe
        )
    ]
}
