// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Synchronization

/// A thread that waits for descriptors, for work from other threads, and for timer ticks.
///
/// Registrations are confined to this thread, so they need no lock. Tasks that use the loop as their preferred executor run between its
/// events. A task without blocking calls never changes threads.
// Any thread may use `enqueue`, `execute` and the atomics; all other members are confined to the loop's thread.
package final class EventLoop: TaskExecutor, SerialExecutor, @unchecked Sendable {
    /// The interval between `tick` calls, in milliseconds.
    private static let tickMilliseconds: Int32 = 100
    private static let eventsPerWait = 256
    /// The maximum number of job rounds before the loop polls for events again.
    private static let roundsOfJobs = 8
    /// The maximum number of ticks that are postponed while events are still pending.
    private static let mostTicksPutOff = 32
    /// The longest plausible time between two rounds; a longer one counts as a standstill.
    private static let longestRound: Int64 = 500_000_000

    private struct Slot {
        var target: (any EventTarget)?
        var generation: UInt32
    }

    private struct Inbox {
        var jobs: [UnownedJob] = []
        var work: [@Sendable () -> Void] = []
    }

    private let epoll: Int32
    private let wakeup: Int32
    private var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    /// The number of registered targets.
    private(set) var registered = 0
    private var jobs: [UnownedJob] = []
    private var runningJobs: [UnownedJob] = []
    private var deferred: [() -> Void] = []
    private let inbox = Mutex(Inbox())
    private let isSignalled = Atomic(false)
    private let isStopped = Atomic(false)
    private let thread = Atomic<UInt>(0)
    private var lastTick: Int64 = 0
    private var ticksPutOff = 0
    /// The total time for which the loop, or the whole process, was suspended.
    private var standstill: Int64 = 0

    /// The monotonic clock in nanoseconds, as of the last wake-up.
    ///
    /// It excludes standstills of the loop: client activity during one goes unnoticed, so no deadline may advance.
    package private(set) var now: Int64 = 0
    /// Starts the loop's thread; system tools show the first 15 bytes of `name`.
    package init(name: String) throws {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw SystemError(errno, "create an event queue") }
        wakeup = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wakeup >= 0 else { throw SystemError(errno, "create an event descriptor") }
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: .max))
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event) == 0 else { throw SystemError(errno, "watch an event") }
        now = Self.clock()
        Thread.start(named: name) { [self] in run() }
    }

    deinit {
        close(wakeup)
        close(epoll)
    }

    /// Returns the monotonic clock in nanoseconds.
    package static func clock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Whether the caller runs on the loop's thread.
    package var isCurrent: Bool { UInt(pthread_self()) == thread.load(ordering: .relaxed) }

    /// Ends the thread once all queued work is done, and releases the remaining registrations.
    package func stop() {
        isStopped.store(true, ordering: .releasing)
        signal()
    }

    // MARK: Descriptors

    /// Registers a target, which is retained and called whenever its descriptor is ready, until it is removed.
    package func add(_ target: any EventTarget, _ descriptor: Int32, _ events: EventSet) throws -> EventRegistration {
        let slot: UInt32
        if let free = freeSlots.popLast() {
            slot = free
            slots[Int(slot)].target = target
        } else {
            slot = UInt32(slots.count)
            slots.append(Slot(target: target, generation: 1))
        }
        let registration = EventRegistration(slot: slot, generation: slots[Int(slot)].generation)
        var event = epoll_event(events: events.rawValue, data: epoll_data_t(u64: registration.word))
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            let code = errno
            release(slot)
            throw SystemError(code, "watch a connection")
        }
        registered += 1
        return registration
    }

    /// Changes the events that a target waits for.
    package func modify(_ registration: EventRegistration, _ descriptor: Int32, _ events: EventSet) {
        var event = epoll_event(events: events.rawValue, data: epoll_data_t(u64: registration.word))
        epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event)
    }

    /// Unregisters a target and drops its pending events.
    ///
    /// Call this before closing the descriptor.
    package func remove(_ registration: EventRegistration, _ descriptor: Int32) {
        var event = epoll_event()
        epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
        release(registration.slot)
        registered -= 1
    }

    private func release(_ slot: UInt32) {
        slots[Int(slot)].target = nil
        slots[Int(slot)].generation &+= 1
        freeSlots.append(slot)
    }

    // MARK: Work from other threads

    /// Runs work on the loop: immediately when the caller is on it, otherwise as soon as possible.
    package func execute(_ work: @escaping @Sendable () -> Void) {
        guard !isCurrent else { return work() }
        inbox.withLock { $0.work.append(work) }
        signal()
    }

    /// Runs work after the current events; call this on the loop's thread.
    package func later(_ work: @escaping () -> Void) { deferred.append(work) }

    /// Starts a task that runs on the loop after the current events.
    @discardableResult
    package func startTask(_ operation: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self, operation: operation)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard !isCurrent else { return jobs.append(job) }
        inbox.withLock { $0.jobs.append(job) }
        signal()
    }

    package func checkIsolated() { precondition(isCurrent, "not on the loop's thread") }

    private func signal() {
        guard !isSignalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var one: UInt64 = 1
        _ = write(wakeup, &one, 8)
    }

    // MARK: The thread

    private func run() {
        thread.store(UInt(pthread_self()), ordering: .releasing)
        var events = [epoll_event](repeating: epoll_event(), count: Self.eventsPerWait)
        lastTick = now
        while true {
            let timeout = !jobs.isEmpty || !deferred.isEmpty ? 0 : registered > 0 ? Self.tickMilliseconds : -1
            let count = epoll_wait(epoll, &events, Int32(Self.eventsPerWait), timeout)
            advance()
            for index in 0..<Int(max(count, 0)) { dispatch(events[index]) }
            runJobs()
            runDeferred()
            if now - lastTick >= Int64(Self.tickMilliseconds) * 1_000_000 {
                tick(hasToldAll: count < Self.eventsPerWait)
            }
            if isStopped.load(ordering: .acquiring), jobs.isEmpty, deferred.isEmpty,
                !isSignalled.load(ordering: .acquiring)
            {
                break
            }
        }
        slots = []
        // The system may reuse the thread's identifier.
        thread.store(0, ordering: .relaxed)
    }

    private func advance() {
        let wasNow = now
        now = Self.clock() - standstill
        let excess = now - wasNow - Self.longestRound
        // A loop without targets may sleep for any time.
        guard excess > 0, registered > 0 else { return }
        standstill += excess
        now -= excess
    }

    private func dispatch(_ event: epoll_event) {
        guard event.data.u64 != .max else { return takeInbox() }
        let slot = Int(truncatingIfNeeded: event.data.u64 & 0xFFFF_FFFF)
        // An earlier event of the same batch may have removed the target.
        guard slots[slot].generation == UInt32(truncatingIfNeeded: event.data.u64 >> 32) else { return }
        slots[slot].target?.ready(EventSet(rawValue: event.events))
    }

    private func takeInbox() {
        var count: UInt64 = 0
        _ = read(wakeup, &count, 8)
        isSignalled.store(false, ordering: .sequentiallyConsistent)
        let inbox = inbox.withLock { inbox in
            defer { inbox = Inbox() }
            return inbox
        }
        jobs += inbox.jobs
        for work in inbox.work { work() }
    }

    /// Runs the queued jobs, and a bounded number of times the jobs they enqueue.
    ///
    /// A task that changes executors thus reaches its next suspension before the loop polls for the events it waits for.
    private func runJobs() {
        for _ in 0..<Self.roundsOfJobs where !jobs.isEmpty {
            swap(&jobs, &runningJobs)
            for job in runningJobs {
                job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
            runningJobs.removeAll(keepingCapacity: true)
        }
    }

    private func runDeferred() {
        guard !deferred.isEmpty else { return }
        let work = deferred
        deferred = []
        for work in work { work() }
    }

    /// Lets targets check their deadlines once all pending events are dispatched.
    ///
    /// Otherwise, after a pause of the loop, clients would time out because of the server's own delay.
    private func tick(hasToldAll: Bool) {
        guard hasToldAll || ticksPutOff >= Self.mostTicksPutOff else { return ticksPutOff += 1 }
        ticksPutOff = 0
        lastTick = now
        for index in slots.indices { slots[index].target?.tick() }
    }
}
