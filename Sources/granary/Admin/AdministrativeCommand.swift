// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Glibc
import RegistryServer
import RegistryService

/// A command on a data directory, executed by the process that holds the directory: this one, or a running server.
protocol AdministrativeCommand: ParsableCommand, Sendable {
    var options: AdminOptions { get }

    /// Finds the data directory, or creates it for commands that fill a new registry.
    func openDirectory() throws -> DataDirectory

    /// Asks on this side of the socket for what must not stand on the command line; nil when nothing is needed.
    func readInput() throws -> String?

    /// Opens on this side of the socket what the command reads besides.
    func openInput() throws -> AdminInput

    /// Opens on this side of the socket where the command's results go.
    func openOutput() throws -> AdminOutput

    /// Whether it makes a registry of what it reads, so that content may be there before the database.
    var fillsNewRegistry: Bool { get }

    /// Does the work, on either side of the socket.
    func execute(in context: AdminContext) async throws -> AdminOutcome
}

extension AdministrativeCommand {
    func openDirectory() throws -> DataDirectory { try .existing(try options.dataDirectory()) }
    func readInput() throws -> String? { nil }
    func openInput() throws -> AdminInput { .none }
    func openOutput() throws -> AdminOutput { AdminOutput() }
    var fillsNewRegistry: Bool { false }

    func run() async throws {
        let input = try readInput()
        try await reportingFailures {
            let directory = try openDirectory()
            let request = AdminRequest(
                arguments: Array(Swift.CommandLine.arguments.dropFirst()),
                input: input,
                directory: Self.workingDirectory
            )
            let content = try openInput()
            let output = try openOutput()
            let printer = AdminPrinter(output)
            try Interruption.beginCancelling()
            do {
                let hear: (AdminEvent) async throws -> Void = { try printer.hear($0) }
                try await perform(in: directory, AdminConversation(request: request, input: content, hear: hear))
                try output.finish(printer.status == ExitStatus.done.rawValue)
            } catch {
                try? output.finish(false)
                throw error
            }
            if let status = printer.status, status != 0 { throw ExitCode(status) }
        }
    }

    private func perform(in directory: DataDirectory, _ conversation: AdminConversation) async throws {
        // A server that is just starting or ending holds the lock and does not listen: it gets some seconds.
        for _ in 0..<5 {
            if let lock = try directory.lock() {
                defer { withExtendedLifetime(lock) {} }
                let configuration = try options.configuration()
                let registry = try await Registry.open(
                    in: directory,
                    engines: configuration.engines,
                    contract: configuration.contract,
                    limits: configuration.limits
                )
                if !fillsNewRegistry { try await registry.refuseContentWithoutDatabase() }
                do {
                    try await AdminService.execute(
                        self,
                        in: AdminContext(registry: registry, conversation: conversation)
                    )
                } catch {
                    try? await registry.close()
                    throw error
                }
                return try await registry.close()
            }
            if try await AdminSocketClient(directory: directory).run(conversation) { return }
        }
        throw AdminFailure(
            description: "another process uses \(directory.path) but does not respond: "
                + "wait until it has started or exited, then try again"
        )
    }

    private static var workingDirectory: String {
        guard let path = unsafe getcwd(nil, 0) else { return "/" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}

/// Why a command could not be executed by anyone.
struct AdminFailure: Error, CustomStringConvertible {
    /// What is wrong and what to do.
    let description: String
}
