// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPClient
import HTTPMessages
import RegistryCore

extension RemoteRegistry {
    /// The maximum number of owner renames that one request follows.
    private static let mostMoves = 3

    /// Runs the operation until it succeeds, fails permanently, or the retry policy is exhausted; attempts count from 1.
    func retrying<Value>(_ operation: (_ attempt: Int) async throws -> Value) async throws -> Value {
        var attempt = 1
        while true {
            do {
                return try await operation(attempt)
            } catch let failure as ClientError where failure.code == .unavailable {
                try await pause(afterAttempt: attempt, failure)
                attempt += 1
            }
        }
    }

    /// Waits before the next attempt, or throws the failure when no attempt is left.
    func pause(afterAttempt attempt: Int, _ failure: ClientError) async throws {
        let delay = retry.delay(afterAttempt: attempt, retryAfter: failure.retryAfter, jitter: environment.jitter())
        guard let delay else { throw failure }
        try await environment.sleep(delay)
    }

    /// Sends one request to the registry once, and throws unless the response has an accepted status.
    ///
    /// The request follows the rename of an owner with its credential, since the target is on the same server.
    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        headers: [(String, String)] = [],
        body: HTTPClientBody = .none,
        accepting statuses: Set<Int>
    ) async throws -> HTTPClientResponse {
        var path = path
        for movesLeft in (0...Self.mostMoves).reversed() {
            var request = HTTPClientRequest(
                method: method,
                url: server.url(path),
                headers: HTTPFields(named: headers),
                body: body
            )
            request.headers[.userAgent] = "granary"
            if let token { request.headers[.authorization] = "Bearer \(token.secret)" }
            let response = try await exchange(request)
            if movesLeft > 0, let moved = movedPath(response) {
                environment.notice(Self.notice(of: path, movedTo: moved))
                path = moved
                continue
            }
            guard statuses.contains(Int(response.status.code)) else {
                throw await refusal(response, of: request)
            }
            return response
        }
        preconditionFailure("the last response is returned or thrown")
    }

    /// Returns the notice of a rename, which is the same for all requests with the owner's old name.
    private static func notice(of path: String, movedTo newPath: String) -> String {
        let parts = { (path: String) in path.split { "/?".contains($0) } }
        let names = zip(parts(path), parts(newPath)).first { $0 != $1 }
        let (old, new) = names ?? (path[...], newPath[...])
        return "the owner \(String(old).quoted()) was renamed; use \(String(new).quoted())"
    }

    /// Returns the path on this server to which a request is redirected, or nil when there is none.
    private func movedPath(_ response: HTTPClientResponse) -> String? {
        guard [307, 308].contains(Int(response.status.code)) else { return nil }
        return response.headers[values: .location].first.flatMap { server.path(of: $0) }
    }

    /// Gets a JSON document, retrying, and decodes it.
    func document<Document: Decodable & Sendable>(at path: String) async throws -> Document {
        try await retrying { _ in try await documentOnce(at: path) }
    }

    /// Gets a JSON document in one attempt and decodes it.
    func documentOnce<Document: Decodable & Sendable>(at path: String) async throws -> Document {
        try await documentAndSize(at: path).document
    }

    /// Gets a JSON document in one attempt, and returns it with its size in bytes.
    func documentAndSize<Document: Decodable & Sendable>(
        at path: String
    ) async throws -> (document: Document, sizeInBytes: Int) {
        let response = try await send(.get, path, headers: [("Accept", "application/json")], accepting: [200])
        return try await documentAndSize(in: response, from: path)
    }

    /// Gets a JSON document in one attempt and decodes it; returns nil when it does not exist.
    func documentIfAny<Document: Decodable & Sendable>(at path: String) async throws -> Document? {
        do {
            return try await documentOnce(at: path)
        } catch let error as ClientError where error.code == .notFound {
            return nil
        }
    }

    /// Reads the JSON document in a response.
    func document<Document: Decodable & Sendable>(
        in response: HTTPClientResponse,
        from path: String
    ) async throws -> Document {
        try await documentAndSize(in: response, from: path).document
    }

    private func documentAndSize<Document: Decodable & Sendable>(
        in response: HTTPClientResponse,
        from path: String
    ) async throws -> (document: Document, sizeInBytes: Int) {
        let body = try await collect(response.body)
        do {
            return (try JSONDecoder.ofRecords().decode(Document.self, from: Data(body)), body.count)
        } catch {
            throw ClientError(
                .refused,
                "the response from \(server.url(path)) is not from a Granary registry; check the server address"
            )
        }
    }

    /// Sends the request with the transport and converts its failures.
    func exchange(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        do {
            return try await environment.transport(request)
        } catch {
            throw lostConnection(error)
        }
    }

    /// Reads a whole body, limited in size and time.
    private func collect(_ body: HTTPClientResponse.Body) async throws -> [UInt8] {
        do {
            return try await body.collect(upTo: 64 << 20, within: timeouts.answer)
        } catch {
            throw lostConnection(error)
        }
    }

    /// Returns the error for a refused request, with the server's own message if there is one.
    func refusal(_ response: HTTPClientResponse, of request: HTTPClientRequest) async -> ClientError {
        let body = try? await response.body.collect(upTo: 64 << 10, within: timeouts.answer)
        return Refusal(
            status: Int(response.status.code),
            contentType: response.headers[values: .contentType].first,
            location: response.headers[values: .location].first,
            body: body.map { String(decoding: $0, as: UTF8.self) } ?? "",
            retryAfter: retryAfter(response.headers[values: .retryAfter].first, now: environment.now()),
            tellsOffset: response.headers.contains(HTTPField.Name(token: "Upload-Offset"))
        ).error(method: request.method.rawValue, url: request.url, isSignedIn: token != nil)
    }
}

extension JSONDecoder {
    /// Returns a decoder of the server's records, whose properties have the names of the members in camel case.
    static func ofRecords() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }
}

extension HTTPFields {
    /// Creates fields from names and values, in this order.
    init(named fields: [(String, String)]) {
        self.init()
        for (name, value) in fields { append(HTTPField(name: HTTPField.Name(token: name), value: value)) }
    }
}
