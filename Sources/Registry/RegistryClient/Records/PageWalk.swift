// SPDX-License-Identifier: Apache-2.0

/// The state of reading a list page by page, which terminates for any server.
struct PageWalk {
    /// The maximum number of pages, enough for two million records.
    static let mostPages = 10_000
    /// The maximum size of all pages in bytes, because their records are kept in memory.
    static let mostBytes = 512 << 20

    private var keys: Set<String> = []
    private var bytes = 0

    /// Records the size of a page and the key of the next one; throws when the list repeats itself or is too long.
    mutating func follow(_ key: String, after pageSizeInBytes: Int) throws(ClientError) {
        bytes += pageSizeInBytes
        guard keys.insert(key).inserted else {
            throw ClientError(
                .refused,
                "the registry sent the same page of a list twice; report this to its administrator"
            )
        }
        guard keys.count < Self.mostPages, bytes < Self.mostBytes else {
            throw ClientError(
                .refused,
                "the registry's list has more than \(keys.count) pages with \(bytes >> 20) MiB; report this to its administrator"
            )
        }
    }
}
