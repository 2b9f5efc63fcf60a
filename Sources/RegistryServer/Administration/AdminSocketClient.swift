// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Hands command lines to the process that holds a data directory.
package struct AdminSocketClient: Sendable {
    private static let maximumByteCount = 64 << 20

    private let directory: DataDirectory

    /// Talks to the holder of a directory.
    package init(directory: DataDirectory) {
        self.directory = directory
    }

    /// Sends a request and waits for the reply, however long the command takes; nil when nobody listens.
    package func send(_ request: AdminRequest) async throws -> AdminReply? {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(2)
        let http = HTTPClient(configuration: configuration)
        do {
            let reply = try await send(request, http)
            try await http.shutdown()
            return reply
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    private func send(_ request: AdminRequest, _ http: HTTPClient) async throws -> AdminReply? {
        let address = try AdminSocketAddress(in: directory)
        defer { withExtendedLifetime(address) {} }
        let host = address.path.split(separator: "/").joined(separator: "%2F")
        var message = HTTPClientRequest(url: "http+unix://%2F\(host)/")
        message.method = .POST
        message.body = .bytes(try JSON.encode(request))
        let response: HTTPClientResponse
        do {
            response = try await http.execute(message, timeout: .hours(24))
        } catch let error where Self.meansNobodyListens(error) {
            return nil
        }
        guard response.status == .ok else {
            throw DataDirectoryError(
                description: "the server that uses \(directory.path) refused the command with status "
                    + "\(response.status.code): use the same version of granary as the server"
            )
        }
        return try JSON.decode(AdminReply.self, from: try await response.body.collect(upTo: Self.maximumByteCount))
    }

    private static func meansNobodyListens(_ error: any Error) -> Bool {
        guard let error = error as? HTTPClientError else { return error is IOError }
        return error == .connectTimeout || error == .getConnectionFromPoolTimeout
    }
}
