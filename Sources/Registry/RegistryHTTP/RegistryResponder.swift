// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
package import Hummingbird
package import Logging
import NIOCore
import RegistryAPI
import RegistryCore
import RegistryService

/// What Hummingbird hands to the responder beside a request.
package struct ConnectionContext: InitializableFromSource, Sendable {
    let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}

/// What every route needs: who asks, the answer to an error, a request's id, and one line in the log.
package struct RegistryResponder: HTTPResponder {
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

    package func respond(to request: Request, context: ConnectionContext) async throws -> Response {
        let record = AccessRecord(method: request.method.rawValue, path: request.head.path ?? "", log: log)
        var response: Response
        do {
            response = try await route(request, context.channel)
        } catch {
            let isGitea = request.head.path?.hasPrefix(Endpoint.giteaPrefix) ?? false
            let failure = isGitea ? ErrorResponse(gitea: error) : ErrorResponse(error)
            if failure.isInternal { record.logCause(error) }
            response =
                isGitea
                ? failure.giteaResponse(services.publicURL)
                : failure.response(to: request, requestID: record.id.text)
        }
        response.headers[.xRequestID] = record.id.text
        if request.method == .head { response = Self.withoutBody(response) }
        return record.logged(response)
    }

    /// RFC 9110, section 9.3.2: the answer to a HEAD has the fields of the answer to a GET.
    private static func withoutBody(_ response: Response) -> Response {
        var bare = response
        bare.body = ResponseBody()
        bare.headers[.contentLength] = response.headers[.contentLength]
        return bare
    }

    private func route(_ request: Request, _ channel: any Channel) async throws -> Response {
        switch routes.match(request.method, request.head.path ?? "/") {
        case .found(let route, let parameters):
            let context = RouteContext(
                path: parameters,
                actor: try await CallerGate(services: services).actor(of: request, for: route, channel),
                services: services,
                hotFiles: hotFiles,
                channel: channel
            )
            do {
                return try await route.handle(request, context)
            } catch let moved as OwnerMoved {
                return moved.response(to: request, parameters)
            }
        case .otherMethods(let methods):
            throw WrongMethod(methods: methods)
        case .unknown:
            throw UnknownPath()
        }
    }
}

/// A path that no route has.
struct UnknownPath: Error {}

/// A method that the path's routes do not have.
struct WrongMethod: Error {
    let methods: [HTTPRequest.Method]
}
