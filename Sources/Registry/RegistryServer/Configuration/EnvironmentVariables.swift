// SPDX-License-Identifier: Apache-2.0

/// The environment variables whose names begin with `GRANARY_`.
package enum EnvironmentVariables {
    package static let configurationFile = "GRANARY_CONFIG"
    package static let administratorPassword = "GRANARY_ADMIN_PASSWORD"
    /// The client's only variable that is not also a setting of the server.
    private static let token = "GRANARY_TOKEN"

    private static let prefix = "GRANARY_"
    /// The prefix of the variables for tests.
    private static let testPrefix = "GRANARY_TEST_"

    /// Returns the value of a variable; nil if it is empty or missing.
    ///
    /// Trailing line ends are removed, because tools that set variables from files keep them.
    package static func value(_ name: String, in environment: [String: String]) -> String? {
        guard var value = environment[name] else { return nil }
        while value.last?.isNewline ?? false { value.removeLast() }
        return value.isEmpty ? nil : value
    }

    /// Returns a sentence for each unknown variable.
    package static func problems(in environment: [String: String]) -> [String] {
        unknown(in: environment).map {
            "unknown variable \($0): correct its name or remove it; see granary serve --help"
        }
    }

    /// Returns the unknown names in alphabetical order; empty variables are ignored.
    private static func unknown(in environment: [String: String]) -> [String] {
        let settings = Setting.all.map(\.environmentVariable)
        let known = Set(settings + [configurationFile, administratorPassword, token])
        return environment.filter { name, value in
            name.hasPrefix(prefix) && !known.contains(name) && !name.hasPrefix(testPrefix) && !value.isEmpty
                && !isOfService(name, value)
        }.keys.sorted()
    }

    /// Returns whether Kubernetes or Docker sets the variable for a service whose name begins with `granary`.
    ///
    /// For a service `granary` these are `GRANARY_SERVICE_HOST`, `GRANARY_SERVICE_PORT…`, `GRANARY_PORT=tcp://…` and
    /// `GRANARY_PORT_3000_TCP…`.
    private static func isOfService(_ name: String, _ value: String) -> Bool {
        if name.hasSuffix("_SERVICE_HOST") || name.contains("_SERVICE_PORT") { return true }
        if ["tcp://", "udp://", "sctp://"].contains(where: value.hasPrefix) { return true }
        return ["_TCP", "_UDP", "_SCTP"].contains { transport in
            ["", "_PROTO", "_PORT", "_ADDR"].contains { name.hasSuffix(transport + $0) } && name.contains("_PORT_")
        }
    }
}
