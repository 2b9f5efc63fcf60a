// SPDX-License-Identifier: Apache-2.0

import Digests
import HTTPClient
import HTTPMessages
import Loops
import RegistryCore
import RegistryStorage

/// A client for an S3 store that signs requests, enforces deadlines, retries, and translates failures.
///
/// Every request is idempotent because a key is used for one content only. The methods throw `BlobStoreError` or `CancellationError`.
struct S3Client: Sendable {
    /// The time limits and the number of attempts of a call.
    struct Patience: Sendable {
        let call: Duration
        /// The limit for a store that neither accepts more of the body nor starts its response.
        let silence: Duration
        /// The number of attempts: one more than transient faults need, because a pooled connection may also be dead.
        var tries = 4
    }

    private static let backOff = BackOff(first: .milliseconds(100), longest: .seconds(3))
    /// The maximum size of a response that is not content.
    private static let largestDocument = 8 << 20

    let location: S3Location
    let signer: RequestSigner
    let clock: StoreClock
    let connections: S3Connections
    let timeouts: S3Timeouts
    /// The threads that read local files for request bodies.
    let readers: BlockingPool

    /// Sends a request and returns its complete response; accepted refusals are returned too.
    func send(
        _ request: S3Request,
        patience: Patience? = nil,
        accepting isAccepted: @escaping @Sendable (S3Refusal) -> Bool = { _ in false }
    ) async throws -> S3Answer {
        try await retrying(request, patience) { silence in
            let response = try await exchange(request, silence)
            let answer = try await collect(response, silence)
            if let refusal = answer.refusal, !isAccepted(refusal) {
                throw S3Failure(.refused(refusal, storeTime: answer.storeTime))
            }
            return answer
        }
    }

    /// Sends a request and returns when the response has started; the caller reads the body.
    func begin(_ request: S3Request) async throws -> HTTPClientResponse {
        try await retrying(request, nil) { silence in
            let response = try await exchange(request, silence)
            guard response.status.code >= 300 else { return response }
            let answer = try await collect(response, silence)
            let refusal = answer.refusal ?? S3Refusal(status: answer.status, code: "")
            throw S3Failure(.refused(refusal, storeTime: answer.storeTime))
        }
    }

    /// Returns a URL that lets anyone make the request until it expires.
    func url(_ request: S3Request, lifetime: Duration) -> String {
        let parts = SignedParts(
            method: request.method.rawValue,
            path: location.path(of: request.key),
            query: request.query,
            headers: [("host", location.host)]
        )
        let query = signer.query(for: parts, lifetime: lifetime, at: clock.now)
        return "\(location.scheme)://\(location.host)\(parts.path)?\(query)"
    }

    private func retrying<Value: Sendable>(
        _ request: S3Request,
        _ patience: Patience?,
        _ attempt: @escaping @Sendable (_ silence: Duration) async throws -> Value
    ) async throws -> Value {
        let patience =
            patience ?? Patience(call: timeouts.call(moving: request.bodySizeInBytes), silence: timeouts.silence)
        let deadline = ContinuousClock.now + patience.call
        var number = 1
        while true {
            do {
                return try await withTimeout(deadline - .now) { try await attempt(patience.silence) }
            } catch {
                let failure = try S3Failure(error)
                if case .refused(let refusal, let time?) = failure.cause, refusal.isClockSkew { clock.adopt(time) }
                let pause = Self.backOff.delay(afterFailure: number, jitter: .random(in: 0...1))
                guard failure.isTransient, number < patience.tries, .now + pause < deadline else {
                    throw failure.error(of: request.purpose, at: location)
                }
                try await Task.sleep(for: pause)
                number += 1
            }
        }
    }

    /// Sends a request once and returns when its response has started.
    private func exchange(_ request: S3Request, _ silence: Duration) async throws -> HTTPClientResponse {
        var signed = signed(request)
        signed.timeouts.connect = timeouts.connect
        signed.timeouts.stalled = silence
        signed.timeouts.idle = timeouts.idle
        return try await connections.http.execute(signed)
    }

    private func signed(_ request: S3Request) -> HTTPClientRequest {
        var parts = SignedParts(
            method: request.method.rawValue,
            path: location.path(of: request.key),
            query: request.query,
            headers: [("host", location.host)] + request.headers
        )
        var payload = Hexadecimal.encoded(SHA256.hash(data: []))
        var body = HTTPClientBody.none
        switch request.body {
        case .none: break
        case .unchecked(let bytes):
            payload = Hexadecimal.encoded(SHA256.hash(data: bytes))
            body = .bytes(bytes)
        case .bytes(let bytes):
            payload = Hexadecimal.encoded(SHA256.hash(data: bytes))
            parts.headers.append(("content-md5", Base64.encoded(Insecure.MD5.hash(data: bytes))))
            body = .bytes(bytes)
        case .file(let part):
            payload = part.sha256.hex
            parts.headers.append(("content-md5", part.md5.base64))
            body = .stream(part.file.pieces(part.range, on: readers), length: Int64(part.range.count))
        }
        let query = parts.canonicalQuery
        let added = signer.headers(for: parts, payload: payload, at: clock.now)
        var headers = HTTPFields()
        for (name, value) in parts.headers + added {
            headers.append(HTTPField(name: HTTPField.Name(token: name), value: value))
        }
        return HTTPClientRequest(
            method: request.method,
            url: "\(location.scheme)://\(location.host)\(parts.path)\(query.isEmpty ? "" : "?" + query)",
            headers: headers,
            body: body
        )
    }

    private func collect(_ response: HTTPClientResponse, _ limit: Duration) async throws -> S3Answer {
        let body = try await withTimeout(max(limit, timeouts.idle)) {
            try await response.body.collect(upTo: Self.largestDocument)
        }
        return S3Answer(
            status: Int(response.status.code),
            headers: response.headers,
            body: String(decoding: body, as: UTF8.self)
        )
    }
}
