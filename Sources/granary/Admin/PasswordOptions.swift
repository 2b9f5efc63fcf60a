// SPDX-License-Identifier: Apache-2.0

import CommandLine

/// The option to read a password from standard input, because other users can read command lines.
struct PasswordOptions: ParsableArguments {
    @Flag(help: "Read the password from one line of standard input.")
    var passwordStdin = false

    /// Returns the line with the password; nil if the option is not set.
    func read() throws -> String? {
        guard passwordStdin else { return nil }
        guard let line = Terminal.readSecret(prompt: "Password: "), !line.isEmpty else {
            throw ValidationError("no password on standard input: pass it as one line")
        }
        return line
    }
}
