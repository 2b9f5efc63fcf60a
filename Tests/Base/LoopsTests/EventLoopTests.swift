// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import Testing

@testable import Loops

@Suite("event loops", .timeLimit(.minutes(15)))
struct EventLoopTests {
    @Test("work of one thread is done in order, on the loop's thread")
    func order() async throws {
        let loop = try EventLoop(name: "loop")
        let done = Record<Int>()
        for number in 0..<1000 {
            loop.execute {
                #expect(loop.isCurrent)
                done.append(number)
            }
        }
        try await done.wait(count: 1000)
        #expect(done.all == Array(0..<1000))
        #expect(!loop.isCurrent)
        loop.stop()
    }

    @Test("work from many threads is done once each")
    func manyThreads() async throws {
        let loop = try EventLoop(name: "loop")
        let done = Record<Int>()
        let pool = BlockingPool(name: "senders", threads: 4)
        for thread in 0..<4 {
            pool.submit { for number in 0..<2000 { loop.execute { done.append(thread * 2000 + number) } } }
        }
        try await done.wait(count: 8000)
        #expect(done.all.sorted() == Array(0..<8000))
        for thread in 0..<4 {
            let own = done.all.filter { $0 / 2000 == thread }
            #expect(own == own.sorted())
        }
        await pool.shutDown()
        loop.stop()
    }

    @Test("work on the loop itself is done at once, or later when it is deferred")
    func onLoop() async throws {
        let loop = try EventLoop(name: "loop")
        let done = Record<String>()
        loop.execute {
            loop.later { done.append("later") }
            loop.execute { done.append("at once") }
            done.append("after")
        }
        try await done.wait(count: 3)
        #expect(done.all == ["at once", "after", "later"])
        loop.stop()
    }

    @Test("tasks that prefer a loop run on it, and come back to it")
    func tasks() async throws {
        let loop = try EventLoop(name: "loop")
        let pool = BlockingPool(name: "pool", threads: 1)
        let places = Record<Bool>()
        loop.startTask {
            places.append(loop.isCurrent)
            let isThere = try? await pool.complete { loop.isCurrent }
            places.append(isThere ?? true)
            places.append(loop.isCurrent)
            await Task.yield()
            places.append(loop.isCurrent)
        }
        try await places.wait(count: 4)
        #expect(places.all == [true, false, true, true])
        await pool.shutDown()
        loop.stop()
    }

    /// Notes what it is told.
    private final class Target: EventTarget, Sendable {
        let events = Record<EventSet>()
        /// When it looked at its deadlines.
        let ticks = Record<Int64>()
        private let loop: EventLoop?
        private let onReady: @Sendable (EventSet) -> Void

        init(on loop: EventLoop? = nil, _ onReady: @escaping @Sendable (EventSet) -> Void = { _ in }) {
            self.loop = loop
            self.onReady = onReady
        }

        func ready(_ events: EventSet) {
            self.events.append(events)
            onReady(events)
        }

        func tick() { ticks.append(loop?.now ?? 0) }
    }

    private static func makePair() throws -> (Int32, Int32) {
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw SystemError(errno, "make a pair of sockets") }
        return (pair[0], pair[1])
    }

    /// Runs work on a loop and waits for it.
    fileprivate static func on<Value: Sendable, Failure: Error>(
        _ loop: EventLoop,
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result = await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: Result(catching: work)) }
        }
        return try result.get()
    }

    @Test("a target hears what it waits for, again and again, until it waits for nothing")
    func events() async throws {
        let loop = try EventLoop(name: "loop")
        let (near, far) = try Self.makePair()
        let target = Target()
        let registration = try await Self.on(loop) { try loop.add(target, near, .readable) }
        #expect(await Self.on(loop) { loop.registered } == 1)
        write(far, "x", 1)
        try await target.events.wait(count: 3)
        await Self.on(loop) { loop.modify(registration, near, []) }
        let count = target.events.all.count
        try await target.ticks.wait(count: target.ticks.all.count + 2)
        #expect(target.events.all.count == count)
        await Self.on(loop) { loop.modify(registration, near, .writable) }
        try await target.events.wait { $0.last == .writable }
        await Self.on(loop) { loop.modify(registration, near, []) }
        close(far)
        try await target.events.wait {
            $0.last?.contains(.broken) == true || $0.last?.isDisjoint(with: .broken) == false
        }
        await Self.on(loop) { loop.remove(registration, near) }
        #expect(await Self.on(loop) { loop.registered } == 0)
        close(near)
        loop.stop()
    }

    @Test("a target that was removed hears nothing, though an event is on its way to it")
    func removedOnTheWay() async throws {
        let loop = try EventLoop(name: "loop")
        let pairs = try (0..<20).map { _ in try Self.makePair() }
        let heard = Record<Int>()
        let registrations = Mutex<[Int: EventRegistration]>([:])
        let remove = { @Sendable (index: Int) in
            if let registration = registrations.withLock({ $0.removeValue(forKey: index) }) {
                loop.remove(registration, pairs[index].0)
            }
        }
        // Whoever is first removes all others, while their events of the same batch wait.
        let targets = pairs.indices.map { index in
            Target { _ in
                heard.append(index)
                for other in pairs.indices { remove(other) }
            }
        }
        try await Self.on(loop) {
            for index in pairs.indices {
                let registration = try loop.add(targets[index], pairs[index].0, .readable)
                registrations.withLock { $0[index] = registration }
            }
            for pair in pairs { write(pair.1, "x", 1) }
        }
        try await heard.wait(count: 1)
        #expect(await Self.on(loop) { loop.registered } == 0)
        #expect(heard.all.count == 1)
        for pair in pairs {
            close(pair.0)
            close(pair.1)
        }
        loop.stop()
    }

    @Test("a place that is used again does not hear events of who was there before")
    func reusedPlace() async throws {
        let loop = try EventLoop(name: "loop")
        let (first, second) = (try Self.makePair(), try Self.makePair())
        let newcomer = Target()
        let registrations = Mutex<[EventRegistration]>([])
        let swap = Target { _ in
            // The one of the second pair goes, and the newcomer takes its place, within the same batch.
            let old = registrations.withLock { $0 }
            guard old.count == 2 else { return }
            registrations.withLock { $0 = [] }
            for (registration, pair) in zip(old, [first, second]) { loop.remove(registration, pair.0) }
            _ = try? loop.add(newcomer, first.0, [])
            _ = try? loop.add(newcomer, second.0, [])
        }
        try await Self.on(loop) {
            let both = [try loop.add(swap, first.0, .readable), try loop.add(swap, second.0, .readable)]
            registrations.withLock { $0 = both }
            write(first.1, "x", 1)
            write(second.1, "x", 1)
        }
        try await swap.events.wait(count: 1)
        try await newcomer.ticks.wait(count: 4)
        #expect(swap.events.all.count == 1)
        #expect(newcomer.events.all.isEmpty)
        loop.stop()
    }

    @Test("targets look at their deadlines at most ten times a second, also while events never end")
    func ticks() async throws {
        let loop = try EventLoop(name: "loop")
        let (near, far) = try Self.makePair()
        let target = Target(on: loop)
        try await Self.on(loop) { _ = try loop.add(target, near, .readable) }
        try await target.ticks.wait(count: 3)
        // Nobody reads it: the target hears of it again and again.
        write(far, "x", 1)
        try await target.events.wait(count: 10)
        try await target.ticks.wait(count: target.ticks.all.count + 3)
        let ticks = target.ticks.all
        #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $1 - $0 >= 100_000_000 })
        loop.stop()
        close(near)
        close(far)
    }

    @Test("a descriptor that cannot be watched is an error, and leaves nothing behind")
    func unwatchable() async throws {
        let loop = try EventLoop(name: "loop")
        let error = await #expect(throws: SystemError.self) {
            try await Self.on(loop) { _ = try loop.add(Target(), 9999, .readable) }
        }
        #expect(error?.code == EBADF)
        #expect(await Self.on(loop) { loop.registered } == 0)
        loop.stop()
    }

    @Test("a loop that was blocked loses nothing, and is not late for those who were heard meanwhile")
    func blocked() async throws {
        let loop = try EventLoop(name: "loop")
        // More than one look at the system tells of.
        let pairs = try (0..<300).map { _ in try Self.makePair() }
        let (received, expired) = (Record<Int>(), Record<Int>())
        let (isBlocked, gate) = (Record<Int64>(), Record<Int>())
        loop.execute {
            for (index, pair) in pairs.enumerated() {
                let reader = Reader(loop, pair.0, { received.append(index) }, { expired.append(index) })
                reader.registration = try? loop.add(reader, pair.0, .readable)
            }
            isBlocked.append(EventLoop.clock())
            gate.block()
        }
        try await isBlocked.wait(count: 1)
        let done = Record<Int>()
        for pair in pairs { write(pair.1, "x", 1) }
        for number in 0..<100 { loop.execute { done.append(number) } }
        loop.startTask { done.append(100) }
        // Until all deadlines are over, and until they are looked at next.
        while EventLoop.clock() - isBlocked.all[0] < 2 * Reader.patience { try await Task.sleep(for: .milliseconds(1)) }
        gate.append(1)
        try await done.wait(count: 101)
        try await received.wait(count: 300)
        #expect(received.all.sorted() == Array(0..<300))
        #expect(done.all.sorted() == Array(0...100))
        #expect(expired.all.isEmpty)
        loop.stop()
        for pair in pairs { close(pair.1) }
    }

    /// Has to hear something within a time.
    private final class Reader: EventTarget {
        static let patience: Int64 = 150_000_000

        private let loop: EventLoop
        private let descriptor: Int32
        private let onRead: @Sendable () -> Void
        private let onExpiry: @Sendable () -> Void
        private let start: Int64
        private var isOver = false
        var registration: EventRegistration?

        init(
            _ loop: EventLoop,
            _ descriptor: Int32,
            _ onRead: @escaping @Sendable () -> Void,
            _ onExpiry: @escaping @Sendable () -> Void
        ) {
            self.loop = loop
            self.descriptor = descriptor
            self.onRead = onRead
            self.onExpiry = onExpiry
            start = loop.now
        }

        func ready(_ events: EventSet) {
            isOver = true
            onRead()
            if let registration { loop.remove(registration, descriptor) }
            close(descriptor)
        }

        func tick() {
            if !isOver, loop.now - start > Self.patience { onExpiry() }
        }
    }

    @Test("a stop lets what was queued before be done, and the thread ends")
    func stop() async throws {
        let done = Record<Int>()
        weak var gone: EventLoop?
        do {
            let loop = try EventLoop(name: "loop")
            gone = loop
            for number in 0..<100 { loop.execute { done.append(number) } }
            for number in 100..<200 { loop.startTask { done.append(number) } }
            loop.stop()
            try await done.wait(count: 200)
        }
        let start = EventLoop.clock()
        while gone != nil, EventLoop.clock() - start < 30_000_000_000 { await Task.yield() }
        #expect(gone == nil)
    }

    @Test("loops and their descriptors go when they are stopped")
    func descriptors() async {
        // Descriptors belong to the whole process.
        await #expect(processExitsWith: .success) {
            let before = try openDescriptors()
            for _ in 0..<50 {
                let loop = try EventLoop(name: "loop")
                await EventLoopTests.on(loop) {}
                loop.stop()
            }
            let start = EventLoop.clock()
            // Swift's own runtime opens a few, whenever it likes; the loops had a hundred.
            while try openDescriptors() > before + 20, EventLoop.clock() - start < 30_000_000_000 { await Task.yield() }
            #expect(try openDescriptors() <= before + 20)
        }
    }
}

private func openDescriptors() throws -> Int {
    guard let directory = opendir("/proc/self/fd") else { throw SystemError(errno, "list descriptors") }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
}
