// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI

/// The routes for load balancers and supervisors.
package enum HealthRoutes {
    /// Reports that the process is running.
    @Sendable
    private static func health(_ request: Request, context: RouteContext) async throws -> Response {
        Response(ok: "ok")
    }

    /// Reports whether the database and the blob store accept writes.
    @Sendable
    private static func ready(_ request: Request, context: RouteContext) async throws -> Response {
        try await context.services.checkReadiness()
        return Response(ok: "ready")
    }

    /// The routes of this area.
    package static let routes = [
        Route(.get, .health, access: .open, "Checks that the process is running", answers: .text, handle: health),
        Route(
            .get,
            .ready,
            access: .open,
            "Checks that the database and the content store accept writes",
            answers: .text,
            .refusal(.serviceUnavailable, "one of them does not; the message says which"),
            .refusal(.insufficientStorage, "the disk is full"),
            handle: ready
        ),
    ]
}

extension Response {
    fileprivate init(ok word: String) {
        self.init(
            status: .ok,
            headers: [
                .contentType: "text/plain; charset=utf-8", .cacheControl: "no-store",
            ],
            body: .bytes(Array("\(word)\n".utf8))
        )
    }
}
