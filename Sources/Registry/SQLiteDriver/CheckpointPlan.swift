// SPDX-License-Identifier: Apache-2.0

/// The schedule for checkpoints, which copy the log into the database: after the responses instead of before them, and rarely.
///
/// Frequent restarts keep the log short, which makes reads faster. Syncs are faster, too, because the log is overwritten. Each checkpoint
/// costs two syncs.
struct CheckpointPlan {
    /// The number of 4 KiB pages that trigger a checkpoint when no writer waits.
    static let whenIdle = 1000
    /// The number of pages that trigger a checkpoint while writers wait.
    static let whenBusy = 4000
    /// The number of pages at which a checkpoint waits for readers: while there is always a reader, the log does not restart by itself.
    static let whenTooLong = 16_000

    /// The length of the log at the last checkpoint.
    private var copied = 0

    /// Returns the checkpoint that a log of the given length needs now, or nil when the log may grow.
    func checkpoint(pagesInLog: Int, isIdle: Bool) -> SQLiteConnection.Checkpoint? {
        // A shorter log has been restarted since.
        let new = pagesInLog < copied ? pagesInLog : pagesInLog - copied
        guard new >= (isIdle ? Self.whenIdle : Self.whenBusy) else { return nil }
        return pagesInLog >= Self.whenTooLong ? .restart : .passive
    }

    /// Records the length of the log at a checkpoint; its readers may have kept some pages from being copied.
    mutating func noteCopy(pagesInLog: Int) {
        copied = pagesInLog
    }
}
