// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata

/// The files of a version or a draft in name order, read in pages, so that their number does not affect memory use.
package struct FilePages<File: Sendable>: Sendable {
    /// The first page.
    package let first: [File]
    private let pageAfter: @Sendable (File) async throws -> [File]?

    /// Creates the pages; `pageAfter` reads the page after a file, and returns nil if the version or draft no longer
    /// exists.
    init(_ first: [File], pageAfter: @escaping @Sendable (File) async throws -> [File]?) {
        self.first = first
        self.pageAfter = pageAfter
    }

    /// Whether the first page contains all files.
    package var isWhole: Bool { first.count < filesPerPage }

    /// Calls a closure with each page after the first; throws if the version or draft is deleted before the last one.
    package func forEachFurther(_ body: ([File]) async throws -> Void) async throws {
        var page = first
        while page.count == filesPerPage, let last = page.last {
            guard let next = try await pageAfter(last) else {
                throw RegistryError.notFound(
                    "concurrent deletion: the listed package or version was deleted; list it again"
                )
            }
            if !next.isEmpty { try await body(next) }
            page = next
        }
    }
}

/// The number of files per page.
let filesPerPage = 50

extension FilePages<StoredFile> {
    /// Creates the pages of a version's files, of which `first` is the first one.
    init(_ first: [StoredFile], of version: StoredVersion, _ packages: PackageStore) {
        self.init(first) { try await packages.files(ofVersion: version.id, after: $0.name, limit: filesPerPage) }
    }
}

extension FilePages<DraftFile> {
    /// Creates the pages of a draft's files, of which `first` is the first one.
    init(_ first: [DraftFile], of draft: StoredDraft, _ drafts: DraftStore) {
        self.init(first) { try await drafts.files(ofDraft: draft.id, after: $0.name, limit: filesPerPage) }
    }
}
