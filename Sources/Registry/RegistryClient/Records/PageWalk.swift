// SPDX-License-Identifier: Apache-2.0

/// The way through a list, page by page, which comes to its end whatever the server says.
struct PageWalk {
    /// Enough for two million records.
    static let mostPages = 10_000

    private var keys: Set<String> = []

    /// Notes the key by which the next page is asked for; throws when the list goes in a circle or does not end.
    mutating func follow(_ key: String) throws(ClientError) {
        guard keys.insert(key).inserted else {
            throw ClientError(.refused, "the registry sent the same page of a list twice; tell its administrator")
        }
        guard keys.count < Self.mostPages else {
            throw ClientError(
                .refused,
                "the registry's list goes on after \(Self.mostPages) pages; tell its administrator"
            )
        }
    }
}
