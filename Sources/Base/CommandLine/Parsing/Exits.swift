// SPDX-License-Identifier: Apache-2.0

/// A command line that makes no sense to a command, although each argument is right.
package struct ValidationError: Error, CustomStringConvertible {
    /// What is wrong and what to do.
    package let message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}

/// Ends the process with a status; everything was said already.
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

/// A command line that cannot be understood.
struct UsageError: Error {
    /// From the root to the command that was meant, as far as that is known.
    let path: [CommandDefinition]
    let problem: UsageProblem
}

/// A request that is answered by a text, for example the help.
struct TextRequested: Error {
    let text: String
}
