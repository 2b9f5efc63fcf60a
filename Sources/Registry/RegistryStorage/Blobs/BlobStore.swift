// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// Holds the content of blobs, each under a key that is used once.
///
/// Promises, each tested on every driver by the conformance suite:
/// - When `commit` returns, the content survives a power cut. A failed sync is final: `commit` throws, and is not
///   tried again on the same bytes.
/// - Content is there whole or not at all; a reader never sees a part of it.
/// - `remove` of content that is not there succeeds.
/// - An opened blob can be read to its end, also when it is removed meanwhile.
package protocol BlobStore: Sendable {
    /// Makes staged content durable under a key.
    func commit(_ staged: StagedContent, as key: BlobKey) async throws

    /// Opens content for reading; throws `missing` when it is not there.
    ///
    /// `range` is what will be read first, as far as it is known; nil for the whole. It is a hint that spares a store
    /// over the network a request, and nothing else depends on it.
    func open(_ key: BlobKey, reading range: Range<Int64>?) async throws -> any OpenBlob

    /// Opens content on the calling thread, which waits for a local disk at most; nil when it is not there, or the store cannot
    /// do that, so that `open` is to be asked.
    func openAtOnce(_ key: BlobKey) -> (any OpenBlob)?

    /// A URL by which a client can fetch content from the store itself for a while, named `fileName`; nil when clients
    /// are to get it from the registry.
    ///
    /// It is made without asking the store.
    func temporaryURL(for key: BlobKey, as fileName: String, lifetime: Duration) -> String?

    /// The size of content in bytes; nil when it is not there.
    func sizeInBytes(of key: BlobKey) async throws -> Int64?

    /// Removes content.
    func remove(_ key: BlobKey) async throws

    /// Some of the content in the order of its keys, behind a key; none at the end.
    ///
    /// For housekeeping, not for requests: a store may be slow at it. What is committed or removed meanwhile may be
    /// there or not; everything else is given exactly once. Names that are not keys are passed over.
    func list(after key: BlobKey?, limit: Int) async throws -> [StoredContent]

    /// Removes what uploads into the store that were given up left behind there; returns how many there were.
    func removeUnfinished(olderThan age: Duration) async throws -> Int

    /// Throws when the store cannot take content now.
    func checkHealth() async throws
}

extension BlobStore {
    package func openAtOnce(_ key: BlobKey) -> (any OpenBlob)? { nil }

    /// Opens content to be read from its beginning to its end.
    package func open(_ key: BlobKey) async throws -> any OpenBlob { try await open(key, reading: nil) }
}

/// Content that is open for reading; closed when the last reference goes.
package protocol OpenBlob: Sendable {
    /// The size of the whole content.
    var sizeInBytes: Int64 { get }

    /// The content as a local file that the kernel can send by itself; nil when it lies elsewhere.
    var localFile: LocalFile? { get }

    /// A range of the content, in order and in pieces of bounded size.
    ///
    /// Throws `BlobStoreError` when the content ends early; the range's last byte has then not been given.
    func read(_ range: Range<Int64>) -> any AsyncSequence<[UInt8], any Error> & Sendable
}

/// Bytes of one upload, complete in a local file, not yet in a store.
package struct StagedContent: Sendable {
    /// The upload they came with.
    package let upload: UploadID
    /// The local file that holds them.
    package let path: String
    /// How many there are.
    package let sizeInBytes: Int64
    /// Their digest.
    package let sha256: Digest

    package init(upload: UploadID, path: String, sizeInBytes: Int64, sha256: Digest) {
        self.upload = upload
        self.path = path
        self.sizeInBytes = sizeInBytes
        self.sha256 = sha256
    }
}

/// What a blob store or the staging area failed to do.
package struct BlobStoreError: Error, Sendable, CustomStringConvertible {
    /// The causes that callers tell apart.
    package enum Code: Sendable {
        case missing
        /// The disk or the account that holds content is full.
        case full
        case readOnly
        case unavailable
        case other
    }

    /// The cause.
    package let code: Code
    /// What happened, for the log.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
