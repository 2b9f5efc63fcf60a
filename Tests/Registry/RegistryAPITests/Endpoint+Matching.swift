// SPDX-License-Identifier: Apache-2.0

@testable import RegistryAPI

extension Endpoint {
    /// Returns whether a raw path, with or without a query, has this endpoint's form, for any method.
    func matches(_ path: String) -> Bool {
        segments(of: path) != nil
    }

    /// Returns the parameters of a raw path by name, still percent-encoded, or nil when the path does not match.
    ///
    /// Paths are not normalized: a double, missing or trailing slash makes a different path.
    func segments(of rawPath: String) -> [String: Substring]? {
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
}
