// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RegistryService
import ServiceLifecycle

/// A request's body that breaks off when the server is told to stop, for those who keep what has come.
struct InterruptibleBody: AsyncSequence {
    typealias Element = ByteBuffer

    let body: BodyGate

    func makeAsyncIterator() -> Iterator { Iterator(body: body.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var body: BodyGate.Iterator

        // As the iterator that it is a part of.
        @concurrent
        mutating func next() async throws -> ByteBuffer? {
            guard !Task.isShuttingDownGracefully else {
                throw RegistryError.unavailable("the registry is shutting down")
            }
            return try await body.next()
        }
    }
}
