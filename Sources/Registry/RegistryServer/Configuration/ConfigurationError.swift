// SPDX-License-Identifier: Apache-2.0

/// All problems of a configuration, reported together.
package struct ConfigurationError: Error, CustomStringConvertible {
    /// One sentence per problem.
    package let problems: [String]

    package var description: String {
        problems.count == 1
            ? "the configuration is not valid: \(problems[0])"
            : "the configuration is not valid:\n" + problems.map { "  - \($0)" }.joined(separator: "\n")
    }
}
