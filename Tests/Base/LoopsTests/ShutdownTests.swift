// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Loops

@Suite("the request to stop", .timeLimit(.minutes(15)))
struct ShutdownTests {
    @Test("everyone who waits is woken, and nobody waits afterwards")
    func wakes() async throws {
        let shutdown = Shutdown()
        #expect(!shutdown.isRequested)
        let woken = Record<Int>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    await shutdown.wait()
                    woken.append(number)
                }
            }
            await Task.yield()
            shutdown.request()
            shutdown.request()
            try await group.waitForAll()
        }
        #expect(woken.all.sorted() == Array(0..<50))
        #expect(shutdown.isRequested)
        await shutdown.wait()
    }

    @Test("a task that is cancelled waits no longer", arguments: 0..<20)
    func cancelled(round: Int) async {
        let shutdown = Shutdown()
        let task = Task { await shutdown.wait() }
        if round % 2 == 0 { await Task.yield() }
        task.cancel()
        await task.value
        #expect(!shutdown.isRequested)
        shutdown.request()
    }

    @Test("an action runs once, when the stop comes while its operation runs")
    func action() async throws {
        let shutdown = Shutdown()
        let runs = Record<String>()
        let value = await shutdown.withHandler {
            runs.append("before")
            shutdown.request()
            shutdown.request()
            return 7
        } onRequest: {
            runs.append("action")
        }
        #expect(value == 7)
        await shutdown.withHandler {
            runs.append("late")
        } onRequest: {
            runs.append("at once")
        }
        #expect(runs.all == ["before", "action", "at once", "late"])
    }

    @Test("an action does not run once its operation has ended")
    func noAction() async throws {
        let shutdown = Shutdown()
        let runs = Record<Int>()
        await shutdown.withHandler {
        } onRequest: {
            runs.append(1)
        }
        await #expect(throws: TookTooLong.self) {
            try await shutdown.withHandler {
                throw TookTooLong(what: "it")
            } onRequest: {
                runs.append(2)
            }
        }
        shutdown.request()
        #expect(runs.all.isEmpty)
    }
}
