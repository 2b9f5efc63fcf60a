// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RegistryCore
import RegistryServer
import RegistryService
import Synchronization

/// Executes administrators' commands, for this process or for one that asks over the socket.
enum AdminService {
    /// Executes a command line that another process sent.
    static func handle(_ request: AdminRequest, accounts: Accounts) async -> AdminReply {
        var arguments = request.arguments[...]
        if arguments.first == AdminCommand.configuration.commandName { arguments = arguments.dropFirst() }
        do {
            let command = try AdminCommand.parseAsRoot(Array(arguments))
            guard let command = command as? any AdministrativeCommand else {
                return failure("the server does not know this command: see granary admin --help", .usage)
            }
            return await execute(command, on: accounts, input: request.input)
        } catch {
            return AdminReply(
                errors: AdminCommand.fullMessage(for: error) + "\n",
                status: AdminCommand.exitCode(for: error).rawValue
            )
        }
    }

    /// Executes a command and turns its outcome or its error into what is to be printed.
    static func execute(
        _ command: some AdministrativeCommand,
        on accounts: Accounts,
        input: String?
    ) async -> AdminReply {
        do {
            let outcome = try await command.execute(on: accounts, input: input)
            return AdminReply(output: try render(outcome, command.options.format), status: ExitStatus.done.rawValue)
        } catch let error as RegistryError {
            return failure(error.message, ExitStatus(error))
        } catch {
            return failure("\(error)", ExitStatus(error))
        }
    }

    private static func render(_ outcome: AdminOutcome, _ format: OutputFormat) throws -> String {
        let text = TextSink()
        let output = Output(format: format, isQuiet: false, write: text.append)
        try output.show(outcome.value) { outcome.text }
        return text.content
    }

    private static func failure(_ sentence: String, _ status: ExitStatus) -> AdminReply {
        AdminReply(errors: "granary: \(sentence)\n", status: status.rawValue)
    }
}

/// Collects lines instead of printing them.
private final class TextSink: Sendable {
    private let lines = Mutex("")

    var content: String { lines.withLock { $0 } }

    @Sendable func append(_ line: String) {
        lines.withLock { $0 += line + "\n" }
    }
}

extension ExitStatus {
    /// The status that stands for the refusal of a use case.
    init(_ error: RegistryError) {
        self =
            switch error {
            case .notFound: .notFound
            case .alreadyExists: .exists
            case .invalid: .usage
            case .unauthenticated, .forbidden: .notAllowed
            case .unavailable, .rateLimited, .insufficientStorage: .unavailable
            default: .failed
            }
    }
}
