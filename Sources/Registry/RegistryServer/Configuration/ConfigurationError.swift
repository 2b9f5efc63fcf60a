// SPDX-License-Identifier: Apache-2.0

/// Everything that is wrong with a configuration, all of it at once.
package struct ConfigurationError: Error, CustomStringConvertible {
    /// One sentence a problem.
    package let problems: [String]

    package var description: String {
        problems.count == 1
            ? "the configuration is not valid: \(problems[0])"
            : "the configuration is not valid:\n" + problems.map { "  - \($0)" }.joined(separator: "\n")
    }
}
