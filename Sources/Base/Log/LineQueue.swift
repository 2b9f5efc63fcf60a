// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Lines on their way to a file, written by a thread of its own, so that nobody who logs waits for the file.
final class LineQueue: Sendable {
    static let standardError = LineQueue(descriptor: STDERR_FILENO)

    private struct State {
        var lines: LineBuffer
        var isWriting = false
        /// Whether the thread sleeps until there is a line.
        var isAsleep = false
    }

    private let state: Monitor<State>
    private let descriptor: Int32

    /// Starts the thread, which lives as long as the process does.
    init(descriptor: Int32, capacity: Int = 1 << 20) {
        self.descriptor = descriptor
        state = Monitor(State(lines: LineBuffer(capacity: capacity)))
        startThread { [self] in run() }
    }

    /// Queues a line, or counts it as lost when there is no room.
    func add(level: Logger.Level, label: String, rest: [UInt8]) {
        let now = Self.secondsSince1970
        let wakes = state.withLock { state in
            state.lines.add(secondsSince1970: now, level: level, label: label, rest: rest)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if wakes { state.notify() }
    }

    /// Returns when all lines that were queued before are written or lost, or when the time is up: false.
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
            // Lines that come in quick succession are gathered into one call.
            usleep(2000)
        }
    }

    /// Writes as much as the file takes and returns how much that was; waits while it is full.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 {
                written += count
            } else if count < 0, errno == EAGAIN {
                // Another process has made the file non-blocking for all who share it.
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
