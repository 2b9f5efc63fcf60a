// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryServer
import RegistryService
import Synchronization

/// Executes administrators' commands, for this process or for one that sends them over the socket.
enum AdminService {
    /// Executes a command line that another process sent.
    static func handle(_ conversation: AdminConversation, registry: Registry) async throws {
        var arguments = conversation.request.arguments[...]
        if arguments.first == AdminCommand.configuration.commandName { arguments = arguments.dropFirst() }
        let command: any ParsableCommand
        do {
            command = try AdminCommand.parseAsRoot(Array(arguments))
        } catch {
            try await conversation.say(.errors(AdminCommand.fullMessage(for: error) + "\n"))
            return try await conversation.say(.end(AdminCommand.exitCode(for: error).rawValue))
        }
        guard let command = command as? any AdministrativeCommand else {
            return try await fail(conversation, "unknown command: use the granary version of the server", .usage)
        }
        try await execute(command, in: AdminContext(registry: registry, conversation: conversation))
    }

    /// Executes a command, and sends its result or its error.
    static func execute(_ command: some AdministrativeCommand, in context: AdminContext) async throws {
        let conversation = context.conversation
        do {
            let outcome = try await command.execute(in: context)
            let output = try render(outcome, command.options.format)
            if !output.isEmpty { try await conversation.say(.output(output)) }
            try await conversation.say(.end(outcome.status.rawValue))
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as RegistryError {
            try await fail(conversation, error.message, ExitStatus(error))
        } catch {
            try await fail(conversation, "\(error)", ExitStatus(error))
        }
    }

    private static func render(_ outcome: AdminOutcome, _ format: OutputFormat) throws -> String {
        guard let value = outcome.value else { return "" }
        let text = TextSink()
        let output = Output(format: format, isQuiet: false, write: text.append)
        try output.show(value) { outcome.text }
        return text.content
    }

    private static func fail(_ conversation: AdminConversation, _ sentence: String, _ status: ExitStatus) async throws {
        try await conversation.say(.errors("granary: \(sentence)\n"))
        try await conversation.say(.end(status.rawValue))
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
    /// Creates the exit status of a registry error.
    init(_ error: RegistryError) {
        self =
            switch error.code {
            case .notFound: .notFound
            case .alreadyExists: .exists
            case .invalid: .usage
            case .unauthenticated, .forbidden: .notAllowed
            case .unavailable, .rateLimited, .insufficientStorage: .unavailable
            default: .failed
            }
    }
}
