// SPDX-License-Identifier: Apache-2.0

/// The work of the client's thread: it starts, monitors and ends transfers.
///
/// Confined to that thread.
struct TransferLoop {
    /// The interval between checks of the time limits.
    private static let tick = Duration.milliseconds(100)

    private let multi: CurlMulti
    private let configuration: HTTPClientConfiguration
    private let didLeaveQueue: (Int) -> Void
    private var queue: RequestQueue<Transfer>
    private var running: [UnsafeMutableRawPointer: RunningTransfer] = [:]
    private var handles: [ObjectIdentifier: UnsafeMutableRawPointer] = [:]
    private var lastTick = ContinuousClock.now

    /// `didLeaveQueue` receives the number of transfers that have left the queue.
    init(_ multi: CurlMulti, _ configuration: HTTPClientConfiguration, didLeaveQueue: @escaping (Int) -> Void) {
        self.multi = multi
        self.configuration = configuration
        self.didLeaveQueue = didLeaveQueue
        queue = RequestQueue(perServer: configuration.requestsPerServer, total: configuration.requests)
    }

    mutating func start(_ transfer: Transfer) { queue.add(transfer, server: transfer.server) }

    /// Resumes a transfer that waited for its task.
    func resume(_ transfer: Transfer) {
        handles[ObjectIdentifier(transfer)].flatMap { running[$0] }?.resume()
    }

    /// Ends a transfer, which may have ended already.
    mutating func cancel(_ transfer: Transfer, _ error: any Error) {
        if let pointer = handles[ObjectIdentifier(transfer)] { remove(pointer) }
        let waiting = queue.remove { $0 === transfer }
        didLeaveQueue(waiting.count)
        transfer.fail(error)
    }

    mutating func cancelAll(_ error: any Error) {
        for transfer in running.values.map(\.transfer) + queue.elements { cancel(transfer, error) }
    }

    /// Performs all work that does not block, then waits for more.
    mutating func turn() {
        beginWaiting()
        multi.perform()
        while let (pointer, result) = multi.nextResult() {
            let ended = running[pointer]
            // libcurl reports the cause through the handle, so the handle is removed last.
            ended?.end(result)
            remove(pointer)
        }
        beginWaiting()
        let now = ContinuousClock.now
        if now - lastTick >= Self.tick {
            lastTick = now
            endExpired(at: now)
        }
        let isIdle = running.isEmpty && queue.elements.isEmpty
        multi.wait(milliseconds: isIdle ? 3_600_000 : 100)
    }

    private mutating func beginWaiting() {
        while let transfer = queue.next() {
            didLeaveQueue(1)
            do {
                try begin(transfer)
            } catch {
                queue.end(server: transfer.server)
                transfer.fail(error)
            }
        }
    }

    private mutating func begin(_ transfer: Transfer) throws {
        guard let handle = CurlHandle() else { throw HTTPClientError(.other, "out of memory: request not sent") }
        let started = try RunningTransfer(transfer, handle, configuration)
        guard multi.add(handle) else { throw HTTPClientError(.other, "out of memory: request not sent") }
        running[handle.pointer] = started
        handles[ObjectIdentifier(transfer)] = handle.pointer
    }

    private mutating func remove(_ pointer: UnsafeMutableRawPointer) {
        guard let ended = running.removeValue(forKey: pointer) else { return }
        multi.remove(ended.handle)
        handles[ObjectIdentifier(ended.transfer)] = nil
        queue.end(server: ended.transfer.server)
    }

    private mutating func endExpired(at now: ContinuousClock.Instant) {
        for transfer in running.values {
            if let error = transfer.expired(at: now) { cancel(transfer.transfer, error) } else { transfer.lookForEnd() }
        }
        for transfer in queue.elements {
            if let deadline = transfer.deadline, now >= deadline {
                cancel(transfer, HTTPClientError(.timeout(.total)))
            }
        }
    }
}
