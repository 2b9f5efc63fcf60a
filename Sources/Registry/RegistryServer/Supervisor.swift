// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops

/// Runs the parts of a server until one ends or the process is told to stop, and then ends them all.
struct Supervisor: Sendable {
    /// How everything ended.
    enum End: Hashable, Sendable {
        /// What was under way came to its end.
        case orderly
        /// The time to end was over, and what was still under way was cut.
        case late
        /// A second SIGINT asked for the end at once.
        case forced
    }

    private enum Event: Sendable {
        case partEnded(isOrderly: Bool)
        case forced
        case nothingMore
    }

    /// Requested by SIGTERM and SIGINT, and when a part ends.
    let shutdown: Shutdown
    /// The numbers of the signals that come.
    let signals: AsyncStream<Int32>
    /// Called for SIGHUP.
    let onHangup: @Sendable () async -> Void

    /// Runs parts that end when a stop is requested, each saying whether it could do so in order, and housework that is
    /// cancelled then; what a part throws ends all others at once.
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

    /// Hears signals; true when one asks for the end at once.
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
