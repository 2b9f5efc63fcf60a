// SPDX-License-Identifier: Apache-2.0

import CommandLine

/// The option by which a password comes over standard input, since others can read command lines.
struct PasswordOptions: ParsableArguments {
    @Flag(help: "Read the password from one line of standard input.")
    var passwordStdin = false

    /// The line with the password; nil when the option is not given.
    func read() throws -> String? {
        guard passwordStdin else { return nil }
        guard let line = Terminal.readSecret(prompt: "Password: "), !line.isEmpty else {
            throw ValidationError("no password on standard input: pass it as one line")
        }
        return line
    }
}
