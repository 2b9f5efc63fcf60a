// SPDX-License-Identifier: Apache-2.0

import HTTPServer
import RegistryService

/// A request body whose failures are thrown as registry errors.
struct RequestContent: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    fileprivate let body: RequestBody

    func makeAsyncIterator() -> Iterator {
        Iterator(body: body.makeAsyncIterator())
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var body: RequestBody.Iterator

        mutating func next() async throws -> [UInt8]? {
            do {
                return try await body.next()
            } catch let failure as BodyFailure {
                throw RegistryError(failure)
            }
        }
    }
}

extension Request {
    /// The body for use cases.
    var content: RequestContent { RequestContent(body: body) }
}

extension RegistryError {
    init(_ failure: BodyFailure) {
        self =
            switch failure {
            case .tooSlow: .timedOut("upload too slow: nothing was stored; upload the file again")
            case .brokenOff(let received):
                .incompleteBody(
                    "incomplete body: received \(received) bytes; nothing was stored, upload the file again"
                )
            case .interrupted: .unavailable("the registry is shutting down")
            }
    }
}
