// SPDX-License-Identifier: Apache-2.0

/// The way through a list, page by page, which comes to its end whatever the server says.
struct PageWalk {
    /// Enough for two million records.
    static let mostPages = 10_000
    /// The most bytes that all pages may have, since their records are kept.
    static let mostBytes = 512 << 20

    private var keys: Set<String> = []
    private var bytes = 0

    /// Notes the size of a page, and the key by which the next one is asked for; throws when the list goes in a circle or does
    /// not end.
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
