// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// An HTTP client over libcurl that reuses connections and runs on its own thread.
///
/// The client follows no redirects, decodes no content and keeps no state except connections. It repeats a GET, HEAD or OPTIONS request
/// when the server has closed a reused connection, and no other request. Releasing the last reference cancels all running requests.
package final class HTTPSession: Sendable {
    private let configuration: HTTPClientConfiguration
    private let thread: TransferThread

    /// Throws `HTTPClientError` when libcurl is missing or too old.
    package init(_ configuration: HTTPClientConfiguration = HTTPClientConfiguration()) throws {
        if let problem = CurlVersion.problem { throw HTTPClientError(.other, problem) }
        self.configuration = configuration
        thread = TransferThread(configuration)
    }

    deinit { thread.stop() }

    /// Cancels all requests, which throw `HTTPClientError` with code `cancelled`, and closes all connections.
    package func shutDown() async {
        thread.stop()
        await thread.wait()
    }

    /// Sends a request and returns once the response head has arrived and the request is sent.
    ///
    /// Over TLS, a response body needs a length or chunked framing. Otherwise its end is indistinguishable from truncation (RFC 9112,
    /// section 9.8). The server may respond before the request is complete; after an error response, the client stops sending the request.
    /// Throws `HTTPClientError`, `CancellationError`, and any error of a streamed body.
    package func execute(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        let transfer = try begin(request)
        guard case .stream(let pieces, let length) = request.body else { return try await response(to: transfer) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [self] in try await feed(pieces, length, to: transfer) }
            let response = try await response(to: transfer)
            try await endFeeding(&group, transfer)
            return response
        }
    }

    /// Sends a request and passes the response to a function while the rest of the request may still be sent.
    ///
    /// When the function returns, the client stops sending. The end of the response is detected once the request is sent, or once the
    /// server announces that it closes the connection.
    package func execute<Value>(
        _ request: HTTPClientRequest,
        _ body: (HTTPClientResponse) async throws -> Value
    ) async throws -> Value {
        let transfer = try begin(request)
        guard case .stream(let pieces, let length) = request.body else {
            return try await body(try await response(to: transfer))
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [self] in try await feed(pieces, length, to: transfer) }
            defer { group.cancelAll() }
            return try await body(try await response(to: transfer))
        }
    }

    private func begin(_ request: HTTPClientRequest) throws -> Transfer {
        try Task.checkCancellation()
        let transfer = try Transfer(request, configuration)
        try thread.start(transfer)
        return transfer
    }

    private func response(to transfer: Transfer) async throws -> HTTPClientResponse {
        // Created first, so that an abandoned response cancels its transfer.
        let body = ReceivedBody(transfer, thread)
        let head = try await withTaskCancellationHandler {
            try await transfer.answer.head()
        } onCancel: {
            thread.cancel(transfer, CancellationError())
        }
        // libcurl does not end a transfer that waits for data, even when it needs no more.
        if transfer.outgoing?.isClosed == true { thread.resume(transfer) }
        return HTTPClientResponse(
            status: head.status,
            headers: head.headers,
            body: HTTPClientResponse.Body(body)
        )
    }

    /// Passes on the pieces of a request until they end or the transfer needs no more.
    private func feed(
        _ pieces: any AsyncSequence<[UInt8], any Error> & Sendable,
        _ length: Int64?,
        to transfer: Transfer
    ) async throws {
        guard let outgoing = transfer.outgoing else { return }
        let wake = { [thread] in thread.resume(transfer) }
        do {
            var given: Int64 = 0
            for try await piece in pieces where !piece.isEmpty {
                given += Int64(piece.count)
                guard given <= length ?? .max else { throw Self.otherLength }
                guard await outgoing.give(piece, wake: wake) else { return }
            }
            guard given == length ?? given else { throw Self.otherLength }
            outgoing.finish(wake: wake)
        } catch {
            // Errors no longer matter once the transfer needs no more pieces.
            guard !outgoing.isClosed else { return }
            thread.cancel(transfer, error)
            throw error
        }
    }

    /// Waits until the rest of the request is passed on, unless the transfer needs no more.
    private func endFeeding(_ group: inout ThrowingTaskGroup<Void, any Error>, _ transfer: Transfer) async throws {
        if transfer.outgoing?.isClosed == true { group.cancelAll() }
        try await group.waitForAll()
    }

    private static let otherLength = HTTPClientError(.other, "the request body does not have the announced length")
}
