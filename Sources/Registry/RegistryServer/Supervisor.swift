// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops

/// Runs the parts of a server until one ends or the process is signalled to stop, then stops them all.
struct Supervisor: Sendable {
    /// The way in which the server ended.
    enum End: Hashable, Sendable {
        /// All work was completed.
        case orderly
        /// The grace period expired, and the remaining work was aborted.
        case late
        /// A second SIGINT requested an immediate end.
        case forced
    }

    private enum Event: Sendable {
        case partEnded(isOrderly: Bool)
        case forced
        case nothingMore
    }

    /// Requested by SIGTERM, SIGINT and the end of a part.
    let shutdown: Shutdown
    /// The numbers of received signals.
    let signals: AsyncStream<Int32>
    /// Called for SIGHUP.
    let onHangup: @Sendable () async -> Void

    /// Runs parts that end on shutdown, and background work that is cancelled then.
    ///
    /// Each part returns whether it completed all its work. An error of one part ends all others immediately.
    func run(_ parts: [@Sendable () async throws -> Bool], besides housework: [@Sendable () async -> Void]) async throws
        -> End
    {
        try await withThrowingTaskGroup(of: Event.self) { group in
            for part in parts { group.addTask { .partEnded(isOrderly: try await part()) } }
            group.addTask {
                await untilShutdown(housework)
                return .partEnded(isOrderly: true)
            }
            group.addTask { await watch() ? .forced : .nothingMore }
            var running = parts.count + 1
            var end = End.orderly
            while running > 0, let event = try await group.next() {
                switch event {
                case .partEnded(let isOrderly):
                    running -= 1
                    if !isOrderly, end == .orderly { end = .late }
                    shutdown.request()
                case .forced:
                    end = .forced
                    group.cancelAll()
                case .nothingMore: break
                }
            }
            group.cancelAll()
            return end
        }
    }

    /// Handles signals; returns true if one requests an immediate end.
    private func watch() async -> Bool {
        for await signal in signals {
            switch signal {
            case SIGHUP: await onHangup()
            case SIGINT where shutdown.isRequested: return true
            default: shutdown.request()
            }
        }
        return false
    }

    private func untilShutdown(_ housework: [@Sendable () async -> Void]) async {
        await withTaskGroup(of: Void.self) { group in
            for work in housework { group.addTask { await work() } }
            await shutdown.wait()
            group.cancelAll()
        }
    }
}
