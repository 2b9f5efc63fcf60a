// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import RegistryService

/// A request's body: tells a client that asked first to go on when the first byte is wanted, and makes sure that a body
/// that broke off never looks complete.
struct BodyGate: AsyncSequence {
    typealias Element = ByteBuffer

    private let body: RequestBody
    private let announcedSize: Int64?
    private let channel: (any Channel)?

    init(_ request: Request, channel: any Channel) {
        body = request.body
        announcedSize = request.headers[.contentLength].flatMap { Int64($0) }
        // RFC 9110, section 10.1.1: 100 is sent only to clients that expect it and have a body to send.
        self.channel = request.headers[.expect]?.lowercased() == "100-continue" && announcedSize != 0 ? channel : nil
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(body: body.makeAsyncIterator(), announcedSize: announcedSize, waiting: channel)
    }

    struct Iterator: AsyncIteratorProtocol {
        private var body: RequestBody.AsyncIterator
        private let announcedSize: Int64?
        /// The connection whose client waits to be told to go on.
        private var waiting: (any Channel)?
        private var received: Int64 = 0

        init(body: RequestBody.AsyncIterator, announcedSize: Int64?, waiting: (any Channel)?) {
            self.body = body
            self.announcedSize = announcedSize
            self.waiting = waiting
        }

        // The library's iterator runs on the concurrent executor, and so must this one, which it is a part of.
        @concurrent
        mutating func next() async throws -> ByteBuffer? {
            if let channel = waiting {
                waiting = nil
                channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)), promise: nil)
            }
            do {
                guard let part = try await body.next() else { return try end() }
                received += Int64(part.readableBytes)
                return part
            } catch is UploadTooSlow {
                throw RegistryError.timedOut("the body came too slowly: nothing was stored, send it again")
            } catch is BodyInterruption {
                throw RegistryError.unavailable("the registry is shutting down")
            } catch let error as RegistryError {
                throw error
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                throw RegistryError.incompleteBody(
                    "the body broke off after \(received) bytes: nothing was stored, send it again"
                )
            }
        }

        private func end() throws -> ByteBuffer? {
            guard let announcedSize, received < announcedSize else { return nil }
            throw RegistryError.incompleteBody(
                "the body ended after \(received) of \(announcedSize) bytes: nothing was stored, send it again"
            )
        }
    }
}
