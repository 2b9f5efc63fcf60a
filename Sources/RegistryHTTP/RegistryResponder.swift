// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
package import Hummingbird
package import Logging
import NIOCore
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
            let failure = ErrorResponse(error)
            if failure.isInternal { record.logCause(error) }
            response = failure.response(to: request, requestID: record.id)
        }
        response.headers[.xRequestID] = record.id
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
            let actor: Actor =
                switch route.caller {
                case .anyone: .anonymous
                case .identified:
                    try await services.authenticate(try .parse(authorization: request.headers[.authorization]))
                }
            let context = RouteContext(
                path: parameters,
                actor: actor,
                services: services,
                hotFiles: hotFiles,
                channel: channel
            )
            return try await route.handle(request, context)
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
