// SPDX-License-Identifier: Apache-2.0

/// What the client's thread does: it begins transfers, looks after them, and ends them.
///
/// It lives on that thread alone.
struct TransferLoop {
    /// How often waits are looked at while there are any.
    private static let tick = Duration.milliseconds(100)

    private let multi: CurlMulti
    private let configuration: HTTPClientConfiguration
    private let didLeaveQueue: (Int) -> Void
    private var queue: RequestQueue<Transfer>
    private var running: [UnsafeMutableRawPointer: RunningTransfer] = [:]
    private var handles: [ObjectIdentifier: UnsafeMutableRawPointer] = [:]
    private var lastTick = ContinuousClock.now

    /// `didLeaveQueue` hears how many transfers wait no longer.
    init(_ multi: CurlMulti, _ configuration: HTTPClientConfiguration, didLeaveQueue: @escaping (Int) -> Void) {
        self.multi = multi
        self.configuration = configuration
        self.didLeaveQueue = didLeaveQueue
        queue = RequestQueue(perServer: configuration.requestsPerServer, total: configuration.requests)
    }

    mutating func start(_ transfer: Transfer) { queue.add(transfer, server: transfer.server) }

    /// Goes on with a transfer that waited for its task.
    func resume(_ transfer: Transfer) {
        handles[ObjectIdentifier(transfer)].flatMap { running[$0] }?.resume()
    }

    /// Ends a transfer that may have ended already.
    mutating func cancel(_ transfer: Transfer, _ error: any Error) {
        if let pointer = handles[ObjectIdentifier(transfer)] { remove(pointer) }
        let waiting = queue.remove { $0 === transfer }
        didLeaveQueue(waiting.count)
        transfer.fail(error)
    }

    mutating func cancelAll(_ error: any Error) {
        for transfer in running.values.map(\.transfer) + queue.elements { cancel(transfer, error) }
    }

    /// Does what can be done, then waits until there is more.
    mutating func turn() {
        beginWaiting()
        multi.perform()
        while let (pointer, result) = multi.nextResult() {
            let ended = running[pointer]
            // First what libcurl knows about the failure, then the handle.
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
        guard let handle = CurlHandle() else { throw HTTPClientError(.other, "there is no memory left for a request") }
        let started = try RunningTransfer(transfer, handle, configuration)
        guard multi.add(handle) else { throw HTTPClientError(.other, "there is no memory left for a request") }
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
