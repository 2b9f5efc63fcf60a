// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
package import Loops
import RegistryStorage

/// Takes administrators' commands on a socket in the data directory, for the process that holds the directory's lock.
///
/// Who may open the socket may do everything, so only the owner of the directory may: the process creates it 0600.
package struct AdminSocketServer: Sendable {
    private let directory: DataDirectory
    private let handle: @Sendable (AdminConversation) async throws -> Void

    /// Serves a directory that this process has locked.
    package init(directory: DataDirectory, handle: @escaping @Sendable (AdminConversation) async throws -> Void) {
        self.directory = directory
        self.handle = handle
    }

    /// Serves until a stop is requested; a socket that a killed process left behind is replaced.
    ///
    /// Commands that run then have `time` to end; returns whether all of them did.
    package func run(until shutdown: Shutdown, endingWithin time: Duration) async throws -> Bool {
        let address = try AdminSocketAddress(in: directory)
        try LocalDirectory.unlink(directory.adminSocket)
        var configuration = HTTPServer.Configuration(addresses: [.unix(path: address.path)])
        configuration.limits.shutdown = time
        // Who types what a command reads, or reads what it says page by page, may take any time.
        configuration.limits.uploadRate = 0
        configuration.limits.stalledReader = .seconds(365 * 24 * 3600)
        let server = HTTPServer(configuration, handler: AdminRequestHandler(shutdown: shutdown, handle: handle))
        let end: HTTPServer.End
        do {
            end = try await server.run(until: shutdown)
        } catch {
            try? LocalDirectory.unlink(directory.adminSocket)
            guard let error = error as? ListenError else { throw error }
            throw DataDirectoryError(
                description:
                    "cannot create the administrators' socket \(directory.adminSocket): \(SystemError.reason(error.code)); put the "
                    + "data directory onto a local file system such as ext4 or XFS, and check its permissions"
            )
        }
        try LocalDirectory.unlink(directory.adminSocket)
        withExtendedLifetime(address) {}
        if case .cut = end { return false }
        return true
    }
}

/// Runs the command of a request, whose answer is what the command says.
private struct AdminRequestHandler: RequestHandler {
    let shutdown: Shutdown
    let handle: @Sendable (AdminConversation) async throws -> Void

    func makeImmediateAnswers() -> (any ImmediateAnswers)? { nil }

    func handle(_ request: Request, answer: consuming AnswerWriter) async {
        let field = HTTPField.Name(token: AdminRequest.headerName)
        guard request.method == .post, request.path == "/",
            let command = AdminRequest(header: request.headers[field])
        else {
            try? await answer.send(Response(status: .badRequest))
            return
        }
        // What ends the answer early, the command hears when it says something, and its process when it listens.
        try? await answer.send(Response(status: .ok, body: body(command, AdminInput(request.body))))
    }

    private func body(_ command: AdminRequest, _ input: AdminInput) -> ResponseBody {
        .stream(length: nil) { writer in
            // The command waits for its listener, so that nothing piles up between them.
            let conversation = AdminConversation(request: command, input: input, shutdown: shutdown) { event in
                try await writer.write(JSON.encode(event))
            }
            try await handle(conversation)
        }
    }
}
