// SPDX-License-Identifier: Apache-2.0

/// A command line that an administrator's process hands to the one that holds the data directory.
package struct AdminRequest: Codable, Hashable, Sendable {
    /// The command line without the name of the program; it never holds a secret.
    package let arguments: [String]
    /// The line of standard input that the command asked for.
    package let input: String?

    /// Describes a request.
    package init(arguments: [String], input: String?) {
        self.arguments = arguments
        self.input = input
    }
}

/// What a command printed, and how it ended.
package struct AdminReply: Codable, Hashable, Sendable {
    /// For standard output.
    package let output: String
    /// For standard error.
    package let errors: String
    /// The exit status.
    package let status: Int32

    /// Describes a reply.
    package init(output: String = "", errors: String = "", status: Int32) {
        self.output = output
        self.errors = errors
        self.status = status
    }
}
