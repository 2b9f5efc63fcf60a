// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import HTTPMessages

/// Sends command lines to the process that holds a data directory's lock.
package struct AdminSocketClient: Sendable {
    private let directory: DataDirectory

    /// Creates a client for a directory.
    package init(directory: DataDirectory) {
        self.directory = directory
    }

    /// Runs a command in the other process, without a time limit; returns false if no process listens.
    ///
    /// The command's events are forwarded as they arrive.
    package func run(_ conversation: AdminConversation) async throws -> Bool {
        let address = try AdminSocketAddress(in: directory)
        defer { withExtendedLifetime(address) {} }
        var configuration = HTTPClientConfiguration()
        configuration.unixSocketPath = address.path
        let http = try HTTPSession(configuration)
        do {
            let isDone = try await run(conversation, http)
            await http.shutDown()
            return isDone
        } catch {
            await http.shutDown()
            throw error
        }
    }

    private func run(_ conversation: AdminConversation, _ http: HTTPSession) async throws -> Bool {
        var request = HTTPClientRequest(method: .post, url: "http://localhost/")
        request.headers[HTTPField.Name(token: AdminRequest.headerName)] = try conversation.request.header
        request.body = .stream(conversation.input, length: nil)
        request.timeouts.connect = .seconds(2)
        do {
            return try await http.execute(request) { try await hear($0, conversation) }
        } catch let error as HTTPClientError where error.meansNobodyListens {
            return false
        } catch is DecodingError {
            throw otherVersion
        } catch let error as HTTPClientError where error.code == .brokenOff {
            throw DataDirectoryError(
                description:
                    "the server that uses \(directory.path) exited before the command completed, which may have taken "
                    + "effect: check its log and the result, then rerun the command if needed"
            )
        }
    }

    private var otherVersion: DataDirectoryError {
        DataDirectoryError(
            description:
                "incompatible versions: use the same version of granary as the server that uses \(directory.path)"
        )
    }

    private func hear(_ response: HTTPClientResponse, _ conversation: AdminConversation) async throws -> Bool {
        guard response.status == .ok else {
            throw otherVersion
        }
        var lines = LineSplitter()
        for try await piece in response.body {
            try lines.append(piece)
            while let line = lines.next() {
                let event = try JSON.decode(AdminEvent.self, from: line)
                try await conversation.say(event)
                if event.status != nil { return true }
            }
        }
        throw HTTPClientError(.brokenOff)
    }
}

extension HTTPClientError {
    fileprivate var meansNobodyListens: Bool {
        switch code {
        case .connect, .timeout(.connect): true
        default: false
        }
    }
}
