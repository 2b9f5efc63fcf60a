// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
package import Loops
import RegistryStorage

/// Receives administrators' commands on a socket in the data directory, in the process that holds the lock.
///
/// Access to the socket implies all rights, so it is created with mode 0600, for the owner of the directory only.
package struct AdminSocketServer: Sendable {
    private let directory: DataDirectory
    private let handle: @Sendable (AdminConversation) async throws -> Void

    /// Creates a server for a directory that this process has locked.
    package init(directory: DataDirectory, handle: @escaping @Sendable (AdminConversation) async throws -> Void) {
        self.directory = directory
        self.handle = handle
    }

    /// Serves until a shutdown is requested; a socket left behind by a killed process is replaced.
    ///
    /// Running commands then have `time` to complete. Returns whether all of them did.
    package func run(until shutdown: Shutdown, endingWithin time: Duration) async throws -> Bool {
        let address = try AdminSocketAddress(in: directory)
        try LocalDirectory.unlink(directory.adminSocket)
        var configuration = Server.Configuration(addresses: [.unix(path: address.path)])
        configuration.limits.shutdown = time
        // An administrator may type the input or page through the output, at any speed.
        configuration.limits.uploadRate = 0
        configuration.limits.stalledReader = .seconds(365 * 24 * 3600)
        let server = Server(configuration, handler: AdminRequestHandler(shutdown: shutdown, handle: handle))
        let end: Server.End
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

/// Runs the command of a request, whose events are the response.
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
        // If the connection breaks, the command's next event throws, and the other process detects it when reading.
        try? await answer.send(Response(status: .ok, body: body(command, AdminInput(request.body))))
    }

    private func body(_ command: AdminRequest, _ input: AdminInput) -> ResponseBody {
        .stream(length: nil) { writer in
            // The command waits for its reader, so that no events accumulate.
            let conversation = AdminConversation(request: command, input: input, shutdown: shutdown) { event in
                try await writer.write(JSON.encode(event))
            }
            try await handle(conversation)
        }
    }
}
