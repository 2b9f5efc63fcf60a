// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryService
import Synchronization
import Testing

@testable import RegistryHTTP

@Suite("Bodies of requests", .timeLimit(.minutes(15)))
struct RequestContentTests {
    /// Gives pieces, then ends or fails.
    private final class Source: RequestBodySource {
        private let pieces: Mutex<[[UInt8]]>
        private let failure: BodyFailure?

        init(_ pieces: [[UInt8]], then failure: BodyFailure?) {
            self.pieces = Mutex(pieces)
            self.failure = failure
        }

        func next() async throws -> [UInt8]? {
            if let piece = pieces.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return piece }
            if let failure { throw failure }
            return nil
        }

        func interrupt() {}
    }

    private func read(then failure: BodyFailure?) async throws -> [[UInt8]] {
        let body = RequestBody(Source([[1, 2], [3]], then: failure))
        var pieces: [[UInt8]] = []
        for try await piece in Request(method: .put, target: "/", body: body).content { pieces.append(piece) }
        return pieces
    }

    @Test("a whole body is given as it comes")
    func whole() async throws {
        #expect(try await read(then: nil) == [[1, 2], [3]])
        for try await _ in Request(method: .get, target: "/").content { Issue.record("there is no body") }
    }

    static let failures: [(BodyFailure, RegistryError)] = [
        (.tooSlow, .timedOut("upload too slow: nothing was stored; upload the file again")),
        (
            .brokenOff(received: 3),
            .incompleteBody("incomplete body: received 3 bytes; nothing was stored, upload the file again")
        ),
        (.interrupted, .unavailable("the registry is shutting down")),
    ]

    @Test("a body that does not come to its end is a refusal, never the end", arguments: failures)
    func broken(_ failure: BodyFailure, _ refusal: RegistryError) async throws {
        let error = await #expect(throws: RegistryError.self) { _ = try await read(then: failure) }
        #expect(error == refusal)
    }
}
