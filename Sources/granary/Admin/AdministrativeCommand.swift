// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Glibc
import RegistryServer
import RegistryService

/// A command on a data directory, executed by the process that holds its lock: this one or a running server.
protocol AdministrativeCommand: ParsableCommand, Sendable {
    var options: AdminOptions { get }

    /// Returns the data directory; commands that fill a new registry create it.
    func openDirectory() throws -> DataDirectory

    /// Reads input that must not be on the command line, on the requesting side of the socket; nil if none is needed.
    func readInput() throws -> String?

    /// Opens further input of the command, on the requesting side of the socket.
    func openInput() throws -> AdminInput

    /// Opens the destination of the results, on the requesting side of the socket.
    func openOutput() throws -> AdminOutput

    /// Whether the command fills a new registry, so that content may exist before the database.
    var fillsNewRegistry: Bool { get }

    /// Executes the command, in this process or in the server.
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
        // A server that is starting or stopping holds the lock but does not listen yet, so retry for some seconds.
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

/// The reason why no process could execute a command.
struct AdminFailure: Error, CustomStringConvertible {
    /// The problem and its remedy.
    let description: String
}
