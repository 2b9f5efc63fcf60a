// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata

/// The files of a version or a draft in the order of their names, read in pages, so that memory does not grow with their
/// number.
package struct FilePages<File: Sendable>: Sendable {
    /// The first page.
    package let first: [File]
    private let pageAfter: @Sendable (File) async throws -> [File]?

    /// `pageAfter` reads the page behind a file; it returns nil if what has the files no longer exists.
    init(_ first: [File], pageAfter: @escaping @Sendable (File) async throws -> [File]?) {
        self.first = first
        self.pageAfter = pageAfter
    }

    /// Whether the first page has all files.
    package var isWhole: Bool { first.count < filesPerPage }

    /// Calls a function with each page after the first; throws if what has the files is deleted before the last one.
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

/// How many files a page has.
let filesPerPage = 50

extension FilePages<StoredFile> {
    /// The files of a version; `first` is the first page of them.
    init(_ first: [StoredFile], of version: StoredVersion, _ metadata: MetadataStore) {
        self.init(first) { try await metadata.files(ofVersion: version.id, after: $0.name, limit: filesPerPage) }
    }
}

extension FilePages<DraftFile> {
    /// The files of a draft; `first` is the first page of them.
    init(_ first: [DraftFile], of draft: StoredDraft, _ metadata: MetadataStore) {
        self.init(first) { try await metadata.files(ofDraft: draft.id, after: $0.name, limit: filesPerPage) }
    }
}
