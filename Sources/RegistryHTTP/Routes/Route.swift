// SPDX-License-Identifier: Apache-2.0

package import HTTPTypes
package import Hummingbird
package import RegistryAPI

/// One method of one endpoint.
package struct Route: Sendable {
    /// Whether a route needs to know who asks.
    package enum Caller: Sendable {
        /// Credentials are checked before the handler runs.
        case identified
        /// Credentials are not looked at.
        case anyone
    }

    let method: HTTPRequest.Method
    let endpoint: Endpoint
    let caller: Caller
    let handle: @Sendable (Request, RouteContext) async throws -> Response

    package init(
        _ method: HTTPRequest.Method,
        _ endpoint: Endpoint,
        caller: Caller = .identified,
        handle: @escaping @Sendable (Request, RouteContext) async throws -> Response
    ) {
        self.method = method
        self.endpoint = endpoint
        self.caller = caller
        self.handle = handle
    }
}

/// All routes; finds the one of a request.
package struct RouteTable: Sendable {
    enum Match {
        case found(Route, PathParameters)
        /// The path is known, the method is not.
        case otherMethods([HTTPRequest.Method])
        case unknown
    }

    private struct Pattern: Sendable {
        let segments: [Substring]
        let route: Route
    }

    private let patterns: [Pattern]

    package init(_ routes: [Route]) {
        patterns = routes.map { Pattern(segments: Self.segments(of: $0.endpoint.template), route: $0) }
    }

    /// Finds the route of a raw path; slashes that are doubled or at the end do not count, as in Gitea.
    func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        let given = Self.segments(of: path.prefix { $0 != "?" })
        var methods: [HTTPRequest.Method] = []
        for pattern in patterns {
            guard let parameters = Self.parameters(given, pattern.segments) else { continue }
            if pattern.route.method == method { return .found(pattern.route, PathParameters(parameters)) }
            methods.append(pattern.route.method)
        }
        return methods.isEmpty ? .unknown : .otherMethods(methods)
    }

    private static func segments(of path: some StringProtocol) -> [Substring] {
        path.split(separator: "/").map { Substring($0) }
    }

    private static func parameters(_ given: [Substring], _ pattern: [Substring]) -> [Substring]? {
        guard given.count == pattern.count else { return nil }
        var parameters: [Substring] = []
        for (segment, expected) in zip(given, pattern) {
            if expected.hasPrefix("{") {
                parameters.append(segment)
            } else if segment != expected {
                return nil
            }
        }
        return parameters
    }
}
