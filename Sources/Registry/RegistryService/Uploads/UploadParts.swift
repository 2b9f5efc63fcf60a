// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage

/// The bytes of an upload that was received in pieces, concatenated.
struct UploadParts: AsyncSequence {
    typealias Element = [UInt8]
    typealias Failure = any Error

    let parts: [UploadPart]
    let blobs: any BlobStore
    /// Whether each piece is verified again; not needed if the digest of the whole file is compared.
    let areVerified: Bool

    func makeAsyncIterator() -> Iterator { Iterator(rest: parts[...], blobs: blobs, verifies: areVerified) }

    struct Iterator: AsyncIteratorProtocol {
        private struct Reading {
            let part: UploadPart
            var bytes: any AsyncIteratorProtocol<[UInt8], any Error>
            var hasher = ContentHasher()
        }

        private var rest: ArraySlice<UploadPart>
        private let blobs: any BlobStore
        private let verifies: Bool
        private var reading: Reading?

        fileprivate init(rest: ArraySlice<UploadPart>, blobs: any BlobStore, verifies: Bool) {
            self.rest = rest
            self.blobs = blobs
            self.verifies = verifies
        }

        mutating func next() async throws -> [UInt8]? { try await next(isolation: #isolation) }

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
            while true {
                if let bytes = try await reading?.bytes.next(isolation: actor) {
                    if verifies { reading?.hasher.update(bytes) }
                    return bytes
                }
                if verifies, let reading, try !reading.part.key.names(reading.hasher.finish().sha256) {
                    throw Self.lost
                }
                guard let part = rest.popFirst() else { return nil }
                reading = try await open(part)
            }
        }

        private func open(_ part: UploadPart) async throws -> Reading {
            do {
                let content = try await blobs.open(part.key)
                guard content.sizeInBytes == part.sizeInBytes else { throw Self.lost }
                return Reading(part: part, bytes: content.read(0..<part.sizeInBytes).makeAsyncIterator())
            } catch let error as BlobStoreError where error.code == .missing {
                throw Self.lost
            }
        }

        private static let lost = RegistryError.invalid(
            "damaged upload: a piece is lost or damaged, so the upload cannot be completed; DELETE it and start a new one"
        )
    }
}
