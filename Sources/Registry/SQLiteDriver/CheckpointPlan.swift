// SPDX-License-Identifier: Apache-2.0

/// When the log is copied into the database: after the answers rather than before them, and seldom.
///
/// A log that is begun anew often is short, which makes reads faster and syncs, too, because it is overwritten; each
/// checkpoint costs two syncs.
struct CheckpointPlan {
    /// Pages of 4 KiB that wait until nobody wants to write.
    static let whenIdle = 1000
    /// Pages that are copied while writers wait.
    static let whenBusy = 4000
    /// Pages for which readers are waited for: as long as there is always one, the log does not begin anew by itself.
    static let whenTooLong = 16_000

    /// How long the log was when it was copied last.
    private var copied = 0

    /// How to copy now a log of so many pages; nil when it may grow.
    func checkpoint(pagesInLog: Int, isIdle: Bool) -> SQLiteConnection.Checkpoint? {
        // A shorter log is another one.
        let new = pagesInLog < copied ? pagesInLog : pagesInLog - copied
        guard new >= (isIdle ? Self.whenIdle : Self.whenBusy) else { return nil }
        return pagesInLog >= Self.whenTooLong ? .restart : .passive
    }

    /// Remembers that a log of so many pages was copied, as far as its readers let it.
    mutating func noteCopy(pagesInLog: Int) {
        copied = pagesInLog
    }
}
