// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
package import HTTPServer
package import Log
import RegistryAPI
import RegistryCore
import RegistryService
import RegistryStorage

/// Handles what all routes share: authentication, error responses, request IDs, download counts and the access log.
package struct RegistryResponder: RequestHandler {
    private let routes: RouteTable
    private let services: RegistryServices
    private let hotFiles: HotFiles
    private let log: Logger

    package init(routes: RouteTable, services: RegistryServices, hotFiles: HotFiles, log: Logger) {
        self.routes = routes
        self.services = services
        self.hotFiles = hotFiles
        self.log = log
    }

    package func makeImmediateAnswers() -> (any ImmediateAnswers)? {
        hotFiles.makeAnswers(authenticate: services.authenticate, downloads: services.downloads, log: log)
    }

    package func handle(_ request: Request, answer: consuming AnswerWriter) async {
        let record = AccessRecord(request, log: log)
        let reply = await reply(to: request, record)
        let download = request.method == .head ? nil : reply.download
        var response = reply.response
        response.headers[.xRequestID] = record.id.text
        services.publicURL.complete(&response.headers)
        let status = response.status.code
        let count = SentBytes()
        if request.method != .head { response.body = response.body.counting(count) }
        if let download { services.downloads.begin(download) }
        do {
            try await answer.send(response)
            if let download { services.downloads.complete(download) }
            record.note(status, count.value, isComplete: true)
        } catch {
            // A disconnected client needs no explanation.
            if StorageFailure(error) != nil || error is RegistryError { record.logCause(error) }
            record.note(status, count.value, isComplete: false)
        }
    }

    /// Returns the route's reply, or the error response.
    private func reply(to request: Request, _ record: AccessRecord) async -> any Reply {
        do {
            return try await route(request)
        } catch {
            let isGitea = request.target.hasPrefix(Endpoint.giteaPrefix)
            let failure = isGitea ? ErrorResponse(gitea: error) : ErrorResponse(error)
            if failure.isInternal { record.logCause(error) }
            return isGitea
                ? failure.giteaResponse(services.publicURL)
                : failure.response(to: request, requestID: record.id.text)
        }
    }

    /// Finds the route of a request; an upload request may override its method in a header, for clients without PATCH
    /// (tus 1.0.0).
    private func match(_ request: Request) -> RouteTable.Match {
        if request.method == .post, let method = request.headers[.xHTTPMethodOverride],
            case .found(let route, let parameters) = routes.match(HTTPRequest.Method(method), request.target),
            route.endpoint == .upload
        {
            return .found(route, parameters)
        }
        return routes.match(request.method, request.target)
    }

    private func route(_ request: Request) async throws -> any Reply {
        switch match(request) {
        case .found(let route, let parameters):
            let gate = CallerGate(services: services)
            let context = RouteContext(
                path: parameters,
                caller: try await gate.caller(of: request, for: route),
                services: services,
                hotFiles: hotFiles,
                identify: { try await gate.caller(of: request, for: route) }
            )
            do {
                return try await route.handle(request, context)
            } catch let moved as OwnerMoved {
                return moved.response(to: request, parameters)
            }
        case .otherMethods(let methods):
            throw ErrorResponse.wrongMethod(use: methods)
        case .unknown:
            throw ErrorResponse.unknownPath
        }
    }
}
