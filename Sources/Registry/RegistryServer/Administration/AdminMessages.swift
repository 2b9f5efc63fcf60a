// SPDX-License-Identifier: Apache-2.0

/// A command line that an administrator's process hands to the one that holds the data directory.
///
/// It travels in a header, and what the command reads besides in the body.
package struct AdminRequest: Codable, Hashable, Sendable {
    /// The command line without the name of the program; it never holds a secret.
    package let arguments: [String]
    /// The line of standard input that the command asked for.
    package let input: String?
    /// The directory that relative paths of the command line start from.
    package let directory: String

    /// Describes a request.
    package init(arguments: [String], input: String?, directory: String) {
        self.arguments = arguments
        self.input = input
        self.directory = directory
    }
}

/// What a command says, when it says it: one line of the answer, the last one with the exit status.
package struct AdminEvent: Codable, Hashable, Sendable {
    /// For standard output.
    package private(set) var output: String?
    /// For standard error.
    package private(set) var errors: String?
    /// How far a long command is, for somebody who watches.
    package private(set) var progress: String?
    /// The exit status.
    package private(set) var status: Int32?

    /// Text for standard output.
    package static func output(_ text: String) -> AdminEvent { AdminEvent(output: text) }

    /// Text for standard error.
    package static func errors(_ text: String) -> AdminEvent { AdminEvent(errors: text) }

    /// One line that takes the place of the one before.
    package static func progress(_ text: String) -> AdminEvent { AdminEvent(progress: text) }

    /// The end.
    package static func end(_ status: Int32) -> AdminEvent { AdminEvent(status: status) }

    private init(output: String? = nil, errors: String? = nil, progress: String? = nil, status: Int32? = nil) {
        self.output = output
        self.errors = errors
        self.progress = progress
        self.status = status
    }
}
