// SPDX-License-Identifier: Apache-2.0

package import Loops

/// The other end of a command: what it reads, and who hears what it says.
///
/// It belongs to the one task that runs the command. Saying something throws when nobody listens any more, which ends the
/// command.
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

    /// Says something.
    package func say(_ event: AdminEvent) async throws {
        try await hear(event)
    }

    /// Says how far the command is, at most once a second; throws when the server is to stop.
    package func progress(_ text: () -> String) async throws {
        if shutdown.isRequested { throw Interruption() }
        let now = ContinuousClock.now
        if let lastProgress, now - lastProgress < .seconds(1) { return }
        lastProgress = now
        try await hear(.progress(text()))
    }

    /// A path of the command line as this process finds it.
    package func path(_ text: String) -> String {
        text.hasPrefix("/") ? text : "\(request.directory)/\(text)"
    }
}

/// Why a command that was under way did not come to its end.
struct Interruption: Error, CustomStringConvertible {
    var description: String { "the server is shutting down: run the command again" }
}
