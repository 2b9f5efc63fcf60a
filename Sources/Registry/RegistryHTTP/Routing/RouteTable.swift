// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI

/// The table of all routes, which finds the route of a request.
package struct RouteTable: Sendable {
    enum Match {
        case found(Route, PathParameters)
        /// The path is known, but the method is not.
        case otherMethods([HTTPRequest.Method])
        case unknown
    }

    private struct Pattern: Sendable {
        let segments: [Substring]
        let route: Route
    }

    /// The patterns by number of segments; of several matches, the first one in area order is used.
    private let patterns: [Int: [Pattern]]

    package init(_ routes: [Route]) {
        patterns = Dictionary(
            grouping: routes.map { Pattern(segments: Self.segments(of: $0.endpoint.template), route: $0) },
            by: \.segments.count
        )
    }

    /// Finds the route of a raw path; as in Gitea, duplicate and trailing slashes are ignored.
    ///
    /// Reads may contain `.` segments, which are ignored (RFC 3986, section 6.2.2.3): apt requests flat repositories
    /// that way. Writes may not: a name that became `.` by mistake must not change another path.
    func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        let wanted = method == .head ? .get : method
        var given = Self.segments(of: path.prefix { $0 != "?" })
        if wanted == .get { given.removeAll { $0 == "." } }
        var methods: [HTTPRequest.Method] = []
        for pattern in patterns[given.count] ?? [] {
            guard let positions = Self.parameters(of: given, pattern.segments) else { continue }
            let route = pattern.route
            if route.method == wanted { return .found(route, PathParameters(given, at: positions)) }
            let added = route.method == .get ? [route.method, .head] : [route.method]
            methods += added.filter { !methods.contains($0) }
        }
        return methods.isEmpty ? .unknown : .otherMethods(methods)
    }

    private static func segments(of path: some StringProtocol) -> [Substring] {
        path.split(separator: "/").map { Substring($0) }
    }

    /// Returns the positions of the parameters; nil if the path does not match.
    private static func parameters(of given: [Substring], _ pattern: [Substring]) -> [Int]? {
        var positions: [Int] = []
        for (index, expected) in pattern.enumerated() {
            if expected.hasPrefix("{") {
                positions.append(index)
            } else if given[index] != expected {
                return nil
            }
        }
        return positions
    }
}
