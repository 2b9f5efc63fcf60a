// SPDX-License-Identifier: Apache-2.0

/// Every URL path of the registry that its own client and server share, built and parsed in this one place.
package enum Endpoint: String, CaseIterable, Sendable {
    case genericFile = "/api/packages/{owner}/generic/{package_name}/{package_version}/{file_name}"
    case genericVersion = "/api/packages/{owner}/generic/{package_name}/{package_version}"
    case account = "/api/granary/v1/user"
    case packages = "/api/granary/v1/packages/{owner}"
    case versions = "/api/granary/v1/packages/{owner}/{package_name}"
    case version = "/api/granary/v1/packages/{owner}/{package_name}/{package_version}"
    case health = "/healthz"
    case ready = "/readyz"

    /// The path with `{name}` in the place of each parameter, as routers and metric labels want it.
    package var template: String { rawValue }

    /// The names of the path's parameters, from left to right.
    package var parameters: [String] {
        templateSegments.compactMap { parameterName(of: $0).map(String.init) }
    }

    /// Tells whether a raw path, with or without a query, has this endpoint's shape, whatever the method.
    package func matches(_ path: String) -> Bool {
        segments(of: path) != nil
    }

    /// The parameters of a raw path by name, still percent-encoded, or nil when the path is not this endpoint's.
    ///
    /// Nothing is normalised: a doubled, missing or trailing slash makes another path.
    package func segments(of rawPath: String) -> [String: Substring]? {
        let path = rawPath.prefix { $0 != "?" }
        let given = path.split(separator: "/", omittingEmptySubsequences: false)
        let expected = templateSegments
        guard given.count == expected.count else { return nil }
        var found: [String: Substring] = [:]
        for (segment, pattern) in zip(given, expected) {
            if let name = parameterName(of: pattern) {
                guard !segment.isEmpty else { return nil }
                found[String(name)] = segment
            } else if segment != pattern {
                return nil
            }
        }
        return found
    }

    private var templateSegments: [Substring] {
        template.split(separator: "/", omittingEmptySubsequences: false)
    }

    private func parameterName(of segment: Substring) -> Substring? {
        guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return nil }
        return segment.dropFirst().dropLast()
    }
}
