// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
package import RegistryStorage

/// Copies content from one store into another under the same key, each byte checked on its way.
package struct CopyContent: Sendable {
    private let source: any BlobStore
    private let target: any BlobStore
    private let staging: UploadStaging

    /// The staging area is one from which the target can commit.
    package init(from source: any BlobStore, to target: any BlobStore, staging: UploadStaging) {
        self.source = source
        self.target = target
        self.staging = staging
    }

    /// Which content to copy, and what it must be.
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

    /// How a copy ended.
    package enum Outcome: Hashable, Sendable {
        case copied
        /// The target had it already.
        case present
        /// The source does not have it.
        case missing
        /// What the source has is not what it should be; it was not copied.
        case damaged
    }

    /// Copies one content, unless the target has it; when this returns `copied`, the copy is durable.
    package func callAsFunction(_ item: Item) async throws -> Outcome {
        if try await target.sizeInBytes(of: item.key) == item.sizeInBytes { return .present }
        do {
            let content = try await source.open(item.key)
            guard content.sizeInBytes == item.sizeInBytes else { return .damaged }
            return try await copy(content, item)
        } catch let error as BlobStoreError where error.code == .missing {
            // Content that ends early is not missing, although a store says so.
            return try await source.sizeInBytes(of: item.key) == nil ? .missing : .damaged
        }
    }

    private func copy(_ content: any OpenBlob, _ item: Item) async throws -> Outcome {
        let bytes = content.read(0..<content.sizeInBytes)
        return try await staging.withStagedUpload(of: bytes, also: []) { staged, _ in
            guard staged.sha256 == item.sha256, staged.sizeInBytes == item.sizeInBytes else { return .damaged }
            // Content of another size can only be what another program left behind.
            if try await target.sizeInBytes(of: item.key) != nil { try await target.remove(item.key) }
            try await target.commit(staged, as: item.key)
            return .copied
        }
    }
}

extension CopyContent.Item {
    /// The content of a blob.
    package init(_ blob: StoredBlob) {
        self.init(key: blob.key, sha256: blob.sha256, sizeInBytes: blob.sizeInBytes)
    }
}
