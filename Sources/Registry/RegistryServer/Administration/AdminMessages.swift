// SPDX-License-Identifier: Apache-2.0

/// A command line that is sent to the process that holds the data directory's lock.
///
/// The request is sent in a header, and the command's input in the body.
package struct AdminRequest: Codable, Hashable, Sendable {
    /// The command line without the program name; it never contains a secret.
    package let arguments: [String]
    /// The line of standard input that the command requires.
    package let input: String?
    /// The working directory, to which relative paths of the command line refer.
    package let directory: String

    /// Creates a request.
    package init(arguments: [String], input: String?, directory: String) {
        self.arguments = arguments
        self.input = input
        self.directory = directory
    }
}

/// An event of a running command: one line of the response, of which the last has the exit status.
package struct AdminEvent: Codable, Hashable, Sendable {
    /// The text for standard output.
    package private(set) var output: String?
    /// The text for standard error.
    package private(set) var errors: String?
    /// The progress of a long command, for interactive use.
    package private(set) var progress: String?
    /// The exit status.
    package private(set) var status: Int32?

    /// Creates an event with text for standard output.
    package static func output(_ text: String) -> AdminEvent { AdminEvent(output: text) }

    /// Creates an event with text for standard error.
    package static func errors(_ text: String) -> AdminEvent { AdminEvent(errors: text) }

    /// Creates a progress event, which replaces the previous one on a terminal.
    package static func progress(_ text: String) -> AdminEvent { AdminEvent(progress: text) }

    /// Creates the last event, with the exit status.
    package static func end(_ status: Int32) -> AdminEvent { AdminEvent(status: status) }

    private init(output: String? = nil, errors: String? = nil, progress: String? = nil, status: Int32? = nil) {
        self.output = output
        self.errors = errors
        self.progress = progress
        self.status = status
    }
}
