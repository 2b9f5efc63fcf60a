// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A store for the content of blobs, each under a key that is used once.
///
/// Guarantees, which the conformance suite tests on every driver:
/// - When `commit` returns, the content survives a power failure. A failed sync is final: `commit` throws, and is not retried on the same
///   bytes.
/// - Content is present completely or not at all; a reader never sees a part of it.
/// - `remove` succeeds for missing content.
/// - An opened blob stays readable to its end, even when it is removed meanwhile.
package protocol BlobStore: Sendable {
    /// Makes staged content durable under a key.
    func commit(_ staged: StagedContent, as key: BlobKey) async throws

    /// Opens content for reading; throws `missing` when the content does not exist.
    ///
    /// `range` is the range that will be read first, if known, or nil for the whole content. It is only a hint that saves a remote store a
    /// request.
    func open(_ key: BlobKey, reading range: Range<Int64>?) async throws -> any OpenBlob

    /// Opens content on the calling thread, which waits at most for a local disk.
    ///
    /// Returns nil when the content does not exist or the store does not support this; the caller then uses `open`.
    func openAtOnce(_ key: BlobKey) -> (any OpenBlob)?

    /// Returns a temporary URL for downloading content directly from the store as `fileName`, or nil when clients must use the registry.
    ///
    /// The call sends no request to the store.
    func temporaryURL(for key: BlobKey, as fileName: String, lifetime: Duration) -> String?

    /// Returns the size of content in bytes, or nil when the content does not exist.
    func sizeInBytes(of key: BlobKey) async throws -> Int64?

    /// Removes content.
    func remove(_ key: BlobKey) async throws

    /// Returns a page of content in key order, starting after the given key; empty at the end.
    ///
    /// For housekeeping, not for requests, because a store may list slowly. Content that is committed or removed meanwhile may be missing
    /// or present; all other content appears exactly once. The list skips names that are not keys.
    func list(after key: BlobKey?, limit: Int) async throws -> [StoredContent]

    /// Removes the leftovers of abandoned uploads into the store; returns their number.
    func removeUnfinished(olderThan age: Duration) async throws -> Int

    /// Throws when the store cannot accept content now.
    func checkHealth() async throws
}

extension BlobStore {
    package func openAtOnce(_ key: BlobKey) -> (any OpenBlob)? { nil }

    /// Opens content for reading from beginning to end.
    package func open(_ key: BlobKey) async throws -> any OpenBlob { try await open(key, reading: nil) }
}

/// Content that is open for reading, and closed when the last reference is released.
package protocol OpenBlob: Sendable {
    /// The size of the whole content.
    var sizeInBytes: Int64 { get }

    /// The content as a local file that the kernel can send directly, or nil when it is stored elsewhere.
    var localFile: LocalFile? { get }

    /// Returns a range of the content, in order and in pieces of bounded size.
    ///
    /// The sequence throws `BlobStoreError` when the content ends early; it never returns the range's last byte then.
    func read(_ range: Range<Int64>) -> any AsyncSequence<[UInt8], any Error> & Sendable
}

/// The bytes of one upload, complete in a local file but not yet in a store.
package struct StagedContent: Sendable {
    /// The upload that the bytes belong to.
    package let upload: UploadID
    /// The local file with the bytes.
    package let path: String
    /// The number of bytes.
    package let sizeInBytes: Int64
    /// The digest of the bytes.
    package let sha256: Digest

    package init(upload: UploadID, path: String, sizeInBytes: Int64, sha256: Digest) {
        self.upload = upload
        self.path = path
        self.sizeInBytes = sizeInBytes
        self.sha256 = sha256
    }
}

/// An error of a blob store or the staging area.
package struct BlobStoreError: Error, Sendable, CustomStringConvertible {
    /// The causes that callers distinguish.
    package enum Code: Sendable {
        case missing
        /// The disk or the account for the content is full.
        case full
        case readOnly
        case unavailable
        case other
    }

    /// The cause.
    package let code: Code
    /// The message for the log.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
