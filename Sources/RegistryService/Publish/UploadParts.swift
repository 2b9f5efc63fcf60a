// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RegistryMetadata
import RegistryStorage

/// The bytes of an upload that came in pieces, one piece after another.
struct UploadParts: AsyncSequence {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    let parts: [UploadPart]
    let blobs: any BlobStore

    func makeAsyncIterator() -> Iterator { Iterator(parts: parts[...], blobs: blobs) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var parts: ArraySlice<UploadPart>
        fileprivate let blobs: any BlobStore
        private var current: (any AsyncIteratorProtocol<ByteBuffer, any Error>)?

        fileprivate init(parts: ArraySlice<UploadPart>, blobs: any BlobStore) {
            self.parts = parts
            self.blobs = blobs
        }

        mutating func next() async throws -> ByteBuffer? { try await next(isolation: #isolation) }

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            while true {
                if let bytes = try await current?.next(isolation: actor) { return bytes }
                guard let part = parts.popFirst() else { return nil }
                current = try await open(part).makeAsyncIterator()
            }
        }

        private func open(_ part: UploadPart) async throws -> any AsyncSequence<ByteBuffer, any Error> & Sendable {
            do {
                let content = try await blobs.open(part.key)
                guard content.sizeInBytes == part.sizeInBytes else {
                    throw BlobStoreError(.missing, "piece \(part.key) has \(content.sizeInBytes) bytes")
                }
                return content.read(0..<part.sizeInBytes)
            } catch let error as BlobStoreError where error.code == .missing {
                throw RegistryError.invalid(
                    "a piece of this upload is lost, so it can not be completed: drop it with DELETE and begin a new one"
                )
            }
        }
    }
}
