// SPDX-License-Identifier: Apache-2.0

/// How many downloads of a file a client has begun and not completed.
///
/// A client that fetches a file in segments may ask for the last byte more than once: aria2 divides a segment again that is
/// almost there. It completes no more downloads than it began, so what comes too many is not counted.
struct OpenDownloads {
    struct Key: Hashable {
        let file: Int64
        /// The client's address.
        let client: String
    }

    /// How long at least a client is remembered, unless there are very many.
    private static let lifetime = Duration.seconds(600)
    static let capacity = 4096

    /// What was touched since the last turn, and between that and the one before: two halves that make forgetting cheap.
    private var recent: [Key: Int] = [:]
    private var earlier: [Key: Int] = [:]
    private var lastTurn: ContinuousClock.Instant

    init(now: ContinuousClock.Instant) {
        lastTurn = now
    }

    /// An answer that holds the first byte is on its way.
    mutating func begin(_ key: Key, at now: ContinuousClock.Instant) {
        set(key, to: (count(key) ?? 0) + 1, at: now)
    }

    /// An answer that holds the last byte was sent; true when a download came to its end with it.
    ///
    /// Of a client that is not known it is one: it began elsewhere, or long ago.
    mutating func complete(_ key: Key, at now: ContinuousClock.Instant) -> Bool {
        let open = count(key) ?? 1
        set(key, to: max(0, open - 1), at: now)
        return open > 0
    }

    /// How many clients are remembered.
    var count: Int { recent.count + earlier.count }

    private func count(_ key: Key) -> Int? { recent[key] ?? earlier[key] }

    private mutating func set(_ key: Key, to count: Int, at now: ContinuousClock.Instant) {
        if now - lastTurn > Self.lifetime || recent.count >= Self.capacity {
            earlier = recent
            recent = [:]
            lastTurn = now
        }
        recent[key] = count
    }
}
