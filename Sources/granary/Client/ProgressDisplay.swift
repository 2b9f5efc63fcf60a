// SPDX-License-Identifier: Apache-2.0

import RegistryClient
import Synchronization

/// Draws the progress of one transfer on the terminal, at most ten times a second.
final class ProgressDisplay: Sendable {
    private let name: String
    private let isShown: Bool
    private let start = ContinuousClock.now
    private let lastDrawn = Mutex<ContinuousClock.Instant?>(nil)

    /// Creates a display for a transfer; it stays blank if quiet, or if standard error is not a terminal.
    init(_ name: String, isQuiet: Bool) {
        self.name = name
        isShown = !isQuiet && Terminal.showsProgress
    }

    /// Updates the progress of the transfer.
    func update(_ transferred: Int64, _ total: Int64) {
        guard isShown else { return }
        let now = ContinuousClock.now
        let isDue = lastDrawn.withLock { last in
            if let last, last.duration(to: now) < .milliseconds(100) { return false }
            last = now
            return true
        }
        guard isDue, Terminal.takesText else { return }
        let elapsed = start.duration(to: now)
        let line = ProgressLine(name: name, transferred: transferred, total: total, elapsed: elapsed)
        Terminal.writeError("\r" + line.text(columns: Terminal.columns - 1) + "\u{1B}[K")
    }

    /// Clears the line.
    func clear() {
        guard isShown, lastDrawn.withLock({ $0 != nil }) else { return }
        Terminal.writeError("\r\u{1B}[K")
    }
}

/// Runs a transfer with a progress display, and clears the display afterwards.
func withProgress<Value>(
    _ name: String,
    _ output: Output,
    _ transfer: (@escaping TransferProgress) async throws -> Value
) async throws -> Value {
    let display = ProgressDisplay(name, isQuiet: output.isQuiet)
    defer { display.clear() }
    return try await transfer { display.update($0, $1) }
}
