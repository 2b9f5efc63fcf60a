// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Hands command lines to the process that holds a data directory.
package struct AdminSocketClient: Sendable {
    private let directory: DataDirectory

    /// Talks to the holder of a directory.
    package init(directory: DataDirectory) {
        self.directory = directory
    }

    /// Has the other process run a command, however long that takes; false when nobody listens.
    ///
    /// What the command says is passed on as it comes.
    package func run(_ conversation: AdminConversation) async throws -> Bool {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(2)
        let http = HTTPClient(configuration: configuration)
        do {
            let isDone = try await run(conversation, http)
            try await http.shutdown()
            return isDone
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    private func run(_ conversation: AdminConversation, _ http: HTTPClient) async throws -> Bool {
        let address = try AdminSocketAddress(in: directory)
        defer { withExtendedLifetime(address) {} }
        let host = address.path.split(separator: "/").joined(separator: "%2F")
        var message = HTTPClientRequest(url: "http+unix://%2F\(host)/")
        message.method = .POST
        message.headers.add(name: AdminRequest.headerName, value: try conversation.request.header)
        message.body = .stream(conversation.input, length: .unknown)
        let response: HTTPClientResponse
        do {
            response = try await http.execute(message, timeout: .hours(30 * 24))
        } catch let error where Self.meansNobodyListens(error) {
            return false
        }
        guard response.status == .ok else {
            throw DataDirectoryError(
                description: "the server that uses \(directory.path) refused the command with status "
                    + "\(response.status.code): use the same version of granary as the server"
            )
        }
        var lines = LineBuffer()
        for try await piece in response.body {
            try lines.append(piece)
            while let line = lines.next() {
                let event = try JSON.decode(AdminEvent.self, from: line)
                try await conversation.say(event)
                if event.status != nil { return true }
            }
        }
        throw DataDirectoryError(
            description: "the server that uses \(directory.path) ended before the command was done: look at its log, "
                + "then run the command again"
        )
    }

    private static func meansNobodyListens(_ error: any Error) -> Bool {
        guard let error = error as? HTTPClientError else { return error is IOError }
        return error == .connectTimeout || error == .getConnectionFromPoolTimeout
    }
}
