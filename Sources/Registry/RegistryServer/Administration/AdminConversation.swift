// SPDX-License-Identifier: Apache-2.0

package import Loops

/// The channel between a command and the process that requested it: its input and its output events.
///
/// It belongs to the one task that runs the command. Sending an event throws if the other process has disconnected,
/// which ends the command.
package final class AdminConversation {
    package let request: AdminRequest
    package let input: AdminInput
    private let shutdown: Shutdown
    private let hear: (AdminEvent) async throws -> Void
    private var lastProgress: ContinuousClock.Instant?

    package init(
        request: AdminRequest,
        input: AdminInput,
        shutdown: Shutdown = Shutdown(),
        hear: @escaping (AdminEvent) async throws -> Void
    ) {
        self.request = request
        self.input = input
        self.shutdown = shutdown
        self.hear = hear
    }

    /// Sends an event.
    package func say(_ event: AdminEvent) async throws {
        try await hear(event)
    }

    /// Sends the progress at most once a second; throws if the server is shutting down.
    package func progress(_ text: () -> String) async throws {
        if shutdown.isRequested { throw Interrupted() }
        let now = ContinuousClock.now
        if let lastProgress, now - lastProgress < .seconds(1) { return }
        lastProgress = now
        try await hear(.progress(text()))
    }

    /// Returns a path of the command line as an absolute path.
    package func path(_ text: String) -> String {
        text.hasPrefix("/") ? text : "\(request.directory)/\(text)"
    }
}

/// The error for a command that a shutdown interrupted.
struct Interrupted: Error, CustomStringConvertible {
    var description: String { "the server is shutting down: run the command again" }
}
