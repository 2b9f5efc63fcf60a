// SPDX-License-Identifier: Apache-2.0

/// A request and its answer, as the task that asked and the client's thread share them.
final class Transfer: Sendable {
    let request: HTTPClientRequest
    /// Scheme and authority: requests with the same ones are counted together.
    let server: String
    let deadline: ContinuousClock.Instant?
    let answer = PendingAnswer()
    let incoming: IncomingBody
    /// Nil unless the body is a stream.
    let outgoing: OutgoingBody?

    init(_ request: HTTPClientRequest, _ configuration: HTTPClientConfiguration) throws {
        self.request = request
        server = try Self.server(of: request.url)
        deadline = request.timeouts.total.map { .now + $0 }
        incoming = IncomingBody(limit: configuration.bodyBuffer)
        if case .stream = request.body { outgoing = OutgoingBody() } else { outgoing = nil }
    }

    /// Ends it, wherever it is: no answer, or a body that is not complete.
    func fail(_ error: any Error) {
        answer.tell(.failure(error))
        incoming.finish(.failure(error))
        outgoing?.close()
    }

    /// Ends it with a complete body.
    func succeed() {
        incoming.finish(.success(()))
        outgoing?.close()
    }

    /// What of a URL names the server; curl looks at the rest.
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
