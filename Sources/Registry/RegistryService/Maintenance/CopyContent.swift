// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryMetadata
package import RegistryStorage

/// Copies content from one store to another under the same key, and verifies every byte.
package struct CopyContent: Sendable {
    private let source: any BlobStore
    private let target: any BlobStore
    private let staging: UploadStaging

    /// Creates a copy operation; the target must be able to commit from the staging area.
    package init(from source: any BlobStore, to target: any BlobStore, staging: UploadStaging) {
        self.source = source
        self.target = target
        self.staging = staging
    }

    /// The content to copy, with its expected size and digest.
    package struct Item: Keyed {
        package let key: BlobKey
        package let sha256: Digest
        package let sizeInBytes: Int64

        package init(key: BlobKey, sha256: Digest, sizeInBytes: Int64) {
            self.key = key
            self.sha256 = sha256
            self.sizeInBytes = sizeInBytes
        }
    }

    /// The outcome of a copy.
    package enum Outcome: Hashable, Sendable {
        case copied
        /// The target already had the content.
        case present
        /// The source does not have the content.
        case missing
        /// The content in the source does not match and was not copied.
        case damaged
    }

    /// Copies one blob's content unless the target has it; when this returns `copied`, the copy is durable.
    package func callAsFunction(_ item: Item) async throws -> Outcome {
        if try await target.sizeInBytes(of: item.key) == item.sizeInBytes { return .present }
        do {
            let content = try await source.open(item.key)
            guard content.sizeInBytes == item.sizeInBytes else { return .damaged }
            return try await copy(content, item)
        } catch let error as BlobStoreError where error.code == .missing {
            // Truncated content is damaged, although a store may report it as missing.
            return try await source.sizeInBytes(of: item.key) == nil ? .missing : .damaged
        }
    }

    private func copy(_ content: any OpenBlob, _ item: Item) async throws -> Outcome {
        let bytes = content.read(0..<content.sizeInBytes)
        return try await staging.withStagedUpload(of: bytes, also: []) { staged, _ in
            guard staged.sha256 == item.sha256, staged.sizeInBytes == item.sizeInBytes else { return .damaged }
            // Content of another size can only be the leftover of another program.
            if try await target.sizeInBytes(of: item.key) != nil { try await target.remove(item.key) }
            try await target.commit(staged, as: item.key)
            return .copied
        }
    }
}

extension CopyContent.Item {
    /// Creates the item for a blob's content.
    package init(_ blob: StoredBlob) {
        self.init(key: blob.key, sha256: blob.sha256, sizeInBytes: blob.sizeInBytes)
    }
}
