// SPDX-License-Identifier: Apache-2.0

/// The number of downloads of a file that each client has begun but not completed.
///
/// A client that downloads in segments may request the last byte more than once: aria2 splits a nearly finished
/// segment again. A client completes no more downloads than it began, so the surplus is not counted.
struct OpenDownloads {
    struct Key: Hashable {
        let file: Int64
        /// The client's address.
        let client: String
    }

    /// The minimum time that a client is remembered, unless there are very many clients.
    private static let lifetime = Duration.seconds(600)
    static let capacity = 4096

    /// Entries used since the last rotation, and those used in the interval before it.
    ///
    /// Two generations make eviction cheap.
    private var recent: [Key: Int] = [:]
    private var earlier: [Key: Int] = [:]
    private var lastTurn: ContinuousClock.Instant

    init(now: ContinuousClock.Instant) {
        lastTurn = now
    }

    /// Records that a response with the first byte is being sent.
    mutating func begin(_ key: Key, at now: ContinuousClock.Instant) {
        set(key, to: (count(key) ?? 0) + 1, at: now)
    }

    /// Records that a response with the last byte was sent; returns true if it completed a download.
    ///
    /// For an unknown client it did: the download began elsewhere, or long ago.
    mutating func complete(_ key: Key, at now: ContinuousClock.Instant) -> Bool {
        let open = count(key) ?? 1
        set(key, to: max(0, open - 1), at: now)
        return open > 0
    }

    /// The number of remembered clients.
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
