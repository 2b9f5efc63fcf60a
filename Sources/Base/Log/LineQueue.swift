// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A queue of log lines that its own thread writes to a file, so that logging never blocks the caller.
final class LineQueue: Sendable {
    static let standardError = LineQueue(descriptor: STDERR_FILENO)

    private struct State {
        var lines: LineBuffer
        var isWriting = false
        /// Whether the thread sleeps until a line arrives.
        var isAsleep = false
    }

    private let state: Monitor<State>
    private let descriptor: Int32

    /// Starts the thread, which runs until the process ends.
    init(descriptor: Int32, capacity: Int = 1 << 20) {
        self.descriptor = descriptor
        state = Monitor(State(lines: LineBuffer(capacity: capacity)))
        startThread { [self] in run() }
    }

    /// Queues a line, or counts it as dropped when the queue is full.
    func add(level: Logger.Level, label: String, rest: [UInt8]) {
        let now = Self.secondsSince1970
        let wakes = state.withLock { state in
            state.lines.add(secondsSince1970: now, level: level, label: label, rest: rest)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if wakes { state.notify() }
    }

    /// Waits until all lines queued so far are written or dropped; returns false on timeout.
    func flush(within time: Duration) -> Bool {
        state.wait(within: time) { !$0.isWriting && $0.lines.isEmpty }
    }

    private func run() {
        var spent: [UInt8] = []
        while true {
            _ = state.wait { state in
                state.isAsleep = state.lines.isEmpty
                return !state.isAsleep
            }
            let now = Self.secondsSince1970
            var batch = state.withLock { state in
                state.isWriting = true
                return state.lines.take(reusing: spent, secondsSince1970: now)
            }
            spent = []
            let written = Self.write(batch.bytes, to: descriptor)
            state.withLock { state in
                if written < batch.bytes.count { state.lines.lose(batch, from: written) }
                state.isWriting = false
            }
            state.notify()
            swap(&spent, &batch.bytes)
            // Gathers lines that arrive in quick succession into one call.
            usleep(2000)
        }
    }

    /// Writes bytes, waits while the file is full, and returns the number written.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 {
                written += count
            } else if count < 0, errno == EAGAIN {
                // Another process has made the shared file description non-blocking.
                var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                unsafe poll(&room, 1, 1000)
            } else if count == 0 || errno != EINTR {
                return written
            }
        }
        return written
    }

    private static var secondsSince1970: Int {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME_COARSE, &now)
        return now.tv_sec
    }
}
