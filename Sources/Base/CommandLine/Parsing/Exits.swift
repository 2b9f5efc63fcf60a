// SPDX-License-Identifier: Apache-2.0

/// The error for arguments that are valid individually but inconsistent in combination.
package struct ValidationError: Error, CustomStringConvertible {
    /// The problem and its remedy.
    package let message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}

/// An exit status; thrown after all messages are printed.
package struct ExitCode: Error, Hashable, RawRepresentable {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    package init(_ code: Int32) {
        rawValue = code
    }

    package static let success = ExitCode(0)
    package static let failure = ExitCode(1)
    /// `EX_USAGE` of `sysexits.h`.
    package static let validationFailure = ExitCode(64)
}

/// The error for an invalid command line.
struct UsageError: Error {
    /// The commands from the root to the intended one, as far as known.
    let path: [CommandDefinition]
    let problem: UsageProblem
}

/// A request whose result is a text, such as the help.
struct TextRequested: Error {
    let text: String
}
