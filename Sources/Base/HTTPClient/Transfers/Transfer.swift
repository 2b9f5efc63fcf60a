// SPDX-License-Identifier: Apache-2.0

/// A request and its response, shared by the calling task and the client's thread.
final class Transfer: Sendable {
    let request: HTTPClientRequest
    /// The scheme and authority, by which concurrent requests are limited.
    let server: String
    let deadline: ContinuousClock.Instant?
    let answer = PendingAnswer()
    let incoming: IncomingBody
    /// The streamed request body; nil for other bodies.
    let outgoing: OutgoingBody?

    init(_ request: HTTPClientRequest, _ configuration: HTTPClientConfiguration) throws {
        self.request = request
        server = try Self.server(of: request.url)
        deadline = request.timeouts.total.map { .now + $0 }
        incoming = IncomingBody(limit: configuration.bodyBuffer)
        if case .stream = request.body { outgoing = OutgoingBody() } else { outgoing = nil }
    }

    /// Ends the transfer with an error in any state: the response is missing or its body is incomplete.
    func fail(_ error: any Error) {
        answer.tell(.failure(error))
        incoming.finish(.failure(error))
        outgoing?.close()
    }

    /// Ends the transfer with a complete body.
    func succeed() {
        incoming.finish(.success(()))
        outgoing?.close()
    }

    /// Returns the scheme and authority of a URL; libcurl validates the rest.
    private static func server(of url: String) throws -> String {
        let isPlain = url.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isPlain, let mark = url.firstRange(of: "://") else { throw HTTPClientError(.invalidURL) }
        let scheme = url[..<mark.lowerBound].lowercased()
        let authority = url[mark.upperBound...].prefix { !"/?#".contains($0) }.lowercased()
        guard ["http", "https"].contains(scheme), !authority.isEmpty, !authority.contains("@") else {
            throw HTTPClientError(.invalidURL)
        }
        return "\(scheme)://\(authority)"
    }
}
