// SPDX-License-Identifier: Apache-2.0

import HTTPClient
package import HTTPMessages

/// A client of a `TestRegistry` with the credentials that it sends.
package struct TestCaller: Sendable {
    let url: String
    let client: HTTPSession
    let authorization: String?

    /// Sends one request; `path` goes over the wire unchanged.
    package func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ headers: HTTPFields = [:],
        body: String? = nil
    ) async throws -> TestAnswer {
        var headers = headers
        if let authorization, headers[.authorization] == nil { headers[.authorization] = authorization }
        let response = try await client.execute(
            HTTPClientRequest(
                method: method,
                url: url + path,
                headers: headers,
                body: body.map { .bytes(Array($0.utf8)) } ?? .none
            )
        )
        return TestAnswer(
            status: response.status.code,
            headers: response.headers,
            body: try await response.body.collect(upTo: 64 << 20)
        )
    }

    package func get(_ path: String, _ headers: HTTPFields = [:]) async throws -> TestAnswer {
        try await send(.get, path, headers)
    }

    package func put(_ path: String, _ body: String, _ headers: HTTPFields = [:]) async throws -> TestAnswer {
        try await send(.put, path, headers, body: body)
    }

    package func post(_ path: String, _ body: String, _ headers: HTTPFields = [:]) async throws -> TestAnswer {
        try await send(.post, path, headers, body: body)
    }

    package func patch(_ path: String, _ body: String, _ headers: HTTPFields = [:]) async throws -> TestAnswer {
        try await send(.patch, path, headers, body: body)
    }

    package func delete(_ path: String, _ headers: HTTPFields = [:]) async throws -> TestAnswer {
        try await send(.delete, path, headers)
    }
}

/// A whole response.
package struct TestAnswer: Sendable {
    package let status: Int
    package let headers: HTTPFields
    package let body: [UInt8]

    package var text: String { String(decoding: body, as: UTF8.self) }
}
