// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import RegistryServer
import RegistryService

/// A command on a data directory, executed by the process that holds the directory: this one, or a running server.
protocol AdministrativeCommand: AsyncParsableCommand, Sendable {
    var options: AdminOptions { get }

    /// Asks on this side of the socket for what must not stand on the command line; nil when nothing is needed.
    func readInput() throws -> String?

    /// Does the work, on either side of the socket.
    func execute(on accounts: Accounts, input: String?) async throws -> AdminOutcome
}

extension AdministrativeCommand {
    func readInput() throws -> String? { nil }

    func run() async throws {
        let input = try readInput()
        try await reportingFailures {
            let directory = try DataDirectory.existing(try options.dataDirectory())
            let reply = try await perform(in: directory, input: input)
            StandardStream(descriptor: STDOUT_FILENO).write(reply.output)
            Terminal.writeError(reply.errors)
            if reply.status != 0 { throw ExitCode(reply.status) }
        }
    }

    private func perform(in directory: DataDirectory, input: String?) async throws -> AdminReply {
        let request = AdminRequest(arguments: Array(CommandLine.arguments.dropFirst()), input: input)
        // A server that is just starting or ending holds the lock and does not listen: it gets some seconds.
        for _ in 0..<5 {
            if let lock = try directory.lock() {
                defer { withExtendedLifetime(lock) {} }
                let registry = try await Registry.open(in: directory)
                let reply = await AdminService.execute(self, on: registry.accounts, input: input)
                try await registry.close()
                return reply
            }
            if let reply = try await AdminSocketClient(directory: directory).send(request) { return reply }
        }
        throw AdminFailure(
            description: "another process uses \(directory.path) but does not answer: "
                + "wait until it has started or ended, then try again"
        )
    }
}

/// Why a command could not be executed by anyone.
struct AdminFailure: Error, CustomStringConvertible {
    /// What is wrong and what to do.
    let description: String
}
