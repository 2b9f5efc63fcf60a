// SPDX-License-Identifier: Apache-2.0

/// The variables of the environment whose names begin with `GRANARY_`.
package enum EnvironmentVariables {
    package static let configurationFile = "GRANARY_CONFIG"
    package static let administratorPassword = "GRANARY_ADMIN_PASSWORD"
    /// What the client reads beside `GRANARY_URL`, which is a setting of the server, too.
    private static let token = "GRANARY_TOKEN"

    private static let prefix = "GRANARY_"
    /// What tests set for themselves.
    private static let testPrefix = "GRANARY_TEST_"

    /// The value of a variable; nil when it is empty or not there.
    ///
    /// Line ends behind it do not belong to it: what fills the environment from files keeps them.
    package static func value(_ name: String, in environment: [String: String]) -> String? {
        guard var value = environment[name] else { return nil }
        while value.last?.isNewline ?? false { value.removeLast() }
        return value.isEmpty ? nil : value
    }

    /// A sentence for each variable that means nothing.
    package static func problems(in environment: [String: String]) -> [String] {
        unknown(in: environment).map {
            "\($0) is not a variable of granary: correct its name or remove it; granary serve --help lists them"
        }
    }

    /// The names that mean nothing, in their order; empty variables count as none.
    private static func unknown(in environment: [String: String]) -> [String] {
        let settings = Setting.allCases.map(\.environmentVariable)
        let known = Set(settings + [configurationFile, administratorPassword, token])
        return environment.filter { name, value in
            name.hasPrefix(prefix) && !known.contains(name) && !name.hasPrefix(testPrefix) && !value.isEmpty
                && !isOfService(name, value)
        }.keys.sorted()
    }

    /// Whether Kubernetes or Docker tells by it where a service is whose name begins with `granary`.
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
