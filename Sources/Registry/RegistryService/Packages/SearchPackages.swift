// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// Searches for packages by name and files by content, across all owners that the caller may see.
package struct SearchPackages: Sendable {
    private let search: SearchStore

    package init(metadata: Metadata) {
        search = metadata.search
    }

    /// Returns packages in name order, starting after one that was found before.
    package func packages(
        _ search: PackageSearch,
        after place: FoundPackage.Place?,
        limit: Int
    ) async throws -> [FoundPackage] {
        try await self.search.packages(search, after: place, limit: limit)
    }

    /// Returns the files with the given content in matching packages, first published first.
    package func files(
        sha256: Digest,
        _ search: PackageSearch,
        after id: Int64?,
        limit: Int
    ) async throws -> [FoundFile] {
        try await self.search.files(sha256: sha256, search, after: id, limit: limit)
    }
}
