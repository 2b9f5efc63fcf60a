// SPDX-License-Identifier: Apache-2.0

import Glibc

extension ParsableCommand {
    /// Runs the command for the given arguments, without the program name, and ends the process on failure.
    package static func main(_ arguments: some Sequence<String>) async {
        do {
            let (path, command) = try parse(Array(arguments))
            do {
                try await command.run()
            } catch let error as ValidationError {
                throw UsageError(path: path, problem: .validation(error.message))
            }
        } catch {
            exit(withError: error)
        }
    }

    /// Parses arguments and returns the command, with its values set and validated.
    ///
    /// Pass any error, including a request for help, to `fullMessage` and `exitCode`.
    package static func parseAsRoot(_ arguments: [String]) throws -> any ParsableCommand {
        try parse(arguments).command
    }

    private static func parse(
        _ arguments: [String]
    ) throws -> (path: [CommandDefinition], command: any ParsableCommand) {
        switch try CommandParser(root: CommandDefinition(Self.self)).parse(arguments) {
        case .help(let path): throw TextRequested(text: HelpText(path: path).text(columns: Screen.columns))
        case .version(let version): throw TextRequested(text: version)
        case .run(let path, let values):
            guard let definition = path.last else { preconditionFailure("a path begins with its root") }
            let command = definition.make()
            command.forEachProperty { $0.assign(values[$1.slot] ?? []) }
            do {
                try command.validate()
            } catch let error as ValidationError {
                throw UsageError(path: path, problem: .validation(error.message))
            }
            return (path, command)
        }
    }

    /// Returns the message for an error, without a line ending; for a usage error, with the correct usage.
    package static func fullMessage(for error: any Error) -> String {
        switch error {
        case let request as TextRequested: return request.text
        case is ExitCode: return ""
        case let error as UsageError: return message(error)
        case let error as ValidationError:
            return message(UsageError(path: [CommandDefinition(Self.self)], problem: .validation(error.message)))
        default: return "Error: \(error)"
        }
    }

    /// Returns the exit status for an error.
    package static func exitCode(for error: any Error) -> ExitCode {
        switch error {
        case is TextRequested: .success
        case let code as ExitCode: code
        case is UsageError, is ValidationError: .validationFailure
        default: .failure
        }
    }

    private static func message(_ error: UsageError) -> String {
        let help = HelpText(path: error.path)
        let details = error.problem.help
        return "Error: \(error.problem.message)\n" + (details.isEmpty ? "" : "Help:  \(details)\n")
            + "Usage: \(help.usage)\n  See '\(help.program) --help' for more information."
    }

    private static func exit(withError error: any Error) -> Never {
        let text = fullMessage(for: error)
        let code = exitCode(for: error)
        let isAsked = code == .success
        let isShown = text.isEmpty || Screen.write(text + "\n", to: isAsked ? STDOUT_FILENO : STDERR_FILENO)
        Glibc.exit(isAsked && !isShown ? ExitCode.failure.rawValue : code.rawValue)
    }
}
