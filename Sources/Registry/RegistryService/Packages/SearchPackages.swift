// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// Finds packages of all owners by their names, and files by their content; only among what the one who asks may see.
package struct SearchPackages: Sendable {
    private let metadata: MetadataStore

    package init(metadata: MetadataStore) {
        self.metadata = metadata
    }

    /// Packages in the order of their names, behind one that was found before.
    package func packages(
        _ search: PackageSearch,
        after place: FoundPackage.Place?,
        limit: Int
    ) async throws -> [FoundPackage] {
        try await metadata.packages(search, after: place, limit: limit)
    }

    /// The files with some content in packages that match, the one published first first.
    package func files(
        sha256: Digest,
        _ search: PackageSearch,
        after id: Int64?,
        limit: Int
    ) async throws -> [FoundFile] {
        try await metadata.files(sha256: sha256, search, after: id, limit: limit)
    }
}
