// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// Sends requests over connections that it keeps, on a thread of its own, as libcurl does it.
///
/// Redirects are not followed, contents are not decoded, nothing is remembered but connections. A request that asks for
/// something (GET, HEAD, OPTIONS) is repeated when a kept connection turns out to be closed; no other one is. The last
/// reference that goes ends what is under way.
package final class HTTPClient: Sendable {
    private let configuration: HTTPClientConfiguration
    private let thread: TransferThread

    /// Throws `HTTPClientError` when libcurl is not on this machine, or is too old.
    package init(_ configuration: HTTPClientConfiguration = HTTPClientConfiguration()) throws {
        if let problem = CurlVersion.problem { throw HTTPClientError(.other, problem) }
        self.configuration = configuration
        thread = TransferThread(configuration)
    }

    deinit { thread.stop() }

    /// Ends what is under way, which throws `HTTPClientError` of code `cancelled`, and closes all connections.
    package func shutDown() async {
        thread.stop()
        await thread.wait()
    }

    /// Sends a request and returns when the head of its answer is there and nothing more is to be sent.
    ///
    /// A body over TLS needs a length or chunks; without them nobody can tell its end from a cut (RFC 9112, section 9.8).
    /// An answer that comes before the request was sent whole is an answer; when it is a refusal, the rest is not sent.
    /// Throws `HTTPClientError`, `CancellationError`, and what a streamed body throws.
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

    /// Sends a request, and gives its answer to a function while the rest of the request may still be sent.
    ///
    /// What is not sent when the function returns is not sent any more. The end of the answer is seen when the request was
    /// sent, or when the server says that it closes the connection.
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
        // Made first, so that an answer that nobody gets is given up.
        let body = ReceivedBody(transfer, thread)
        let head = try await withTaskCancellationHandler {
            try await transfer.answer.head()
        } onCancel: {
            thread.cancel(transfer, CancellationError())
        }
        // libcurl does not end a transfer that waits for a piece, even when it wants none any more.
        if transfer.outgoing?.isClosed == true { thread.resume(transfer) }
        return HTTPClientResponse(
            status: head.status,
            headers: head.headers,
            body: HTTPClientResponse.Body(body)
        )
    }

    /// Hands on the pieces of a request until they end or are not wanted any more.
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
            // One that is not wanted any more may end as it likes.
            guard !outgoing.isClosed else { return }
            thread.cancel(transfer, error)
            throw error
        }
    }

    /// Waits for the rest of the request to be handed on, unless nobody wants it.
    private func endFeeding(_ group: inout ThrowingTaskGroup<Void, any Error>, _ transfer: Transfer) async throws {
        if transfer.outgoing?.isClosed == true { group.cancelAll() }
        try await group.waitForAll()
    }

    private static let otherLength = HTTPClientError(.other, "the request's body has another length than was announced")
}
