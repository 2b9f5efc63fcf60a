// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
package import RegistryStorage

/// An element with a blob's key.
package protocol Keyed: Sendable {
    var key: BlobKey { get }
}

extension StoredBlob: Keyed {}
extension StoredContent: Keyed {}

/// A merge of two lists in key order, which reads both side by side in bounded memory.
package struct KeyMerge<Left: Keyed, Right: Keyed>: Sendable {
    private var left: Pages<Left>
    private var right: Pages<Right>

    /// Starts after a key; each closure returns the elements that follow a key, and none at the end.
    package init(
        after key: BlobKey? = nil,
        left: @escaping @Sendable (BlobKey?) async throws -> [Left],
        right: @escaping @Sendable (BlobKey?) async throws -> [Right]
    ) {
        self.left = Pages(last: key, load: left)
        self.right = Pages(last: key, load: right)
    }

    /// Returns the elements with the next key on either side; nil at the end of both.
    package mutating func next() async throws -> (left: Left?, right: Right?)? {
        switch (try await left.first(), try await right.first()) {
        case (nil, nil): return nil
        case (let one?, nil): return (left.take(one), nil)
        case (nil, let other?): return (nil, right.take(other))
        case (let one?, let other?):
            if one.key < other.key { return (left.take(one), nil) }
            if other.key < one.key { return (nil, right.take(other)) }
            return (left.take(one), right.take(other))
        }
    }
}

/// A list of which one page is in memory at a time.
private struct Pages<Element: Keyed>: Sendable {
    private var page: ArraySlice<Element> = []
    private var last: BlobKey?
    private var isAtEnd = false
    private let load: @Sendable (BlobKey?) async throws -> [Element]

    init(last: BlobKey?, load: @escaping @Sendable (BlobKey?) async throws -> [Element]) {
        self.last = last
        self.load = load
    }

    mutating func first() async throws -> Element? {
        if page.isEmpty, !isAtEnd {
            try Task.checkCancellation()
            page = try await load(last)[...]
            isAtEnd = page.isEmpty
        }
        return page.first
    }

    mutating func take(_ element: Element) -> Element {
        page = page.dropFirst()
        last = element.key
        return element
    }
}

/// The blobs in the database, compared with the content in the store.
///
/// Both change during the comparison, so a difference needs a second look before it is a finding.
package typealias ContentSurvey = KeyMerge<StoredBlob, StoredContent>

extension ContentSurvey {
    /// Creates a comparison of a database and a store.
    package init(_ blobIndex: BlobIndex, _ blobs: any BlobStore, after key: BlobKey? = nil) {
        self.init(
            after: key,
            left: { try await blobIndex.blobs(after: $0, limit: 500) },
            right: { try await blobs.list(after: $0, limit: 500) }
        )
    }
}
