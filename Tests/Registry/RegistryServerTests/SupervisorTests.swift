// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import Testing

@testable import RegistryServer

@Suite("The parts of a server", .timeLimit(.minutes(15)))
struct SupervisorTests {
    private struct Broken: Error {}

    private let shutdown = Shutdown()
    private let signals = AsyncStream.makeStream(of: Int32.self)
    private let hangups = AsyncStream.makeStream(of: Void.self)

    private func run(
        _ parts: [@Sendable () async throws -> Bool],
        besides housework: [@Sendable () async -> Void] = []
    ) async throws -> Supervisor.End {
        let supervisor = Supervisor(
            shutdown: shutdown,
            signals: signals.stream,
            onHangup: { [hangups] in hangups.continuation.yield() }
        )
        return try await supervisor.run(parts, besides: housework)
    }

    /// Lasts until a stop is requested.
    private var part: @Sendable () async throws -> Bool {
        { [shutdown] in
            await shutdown.wait()
            return true
        }
    }

    /// Lasts until it is cancelled.
    @Sendable
    private static func lasting() async {
        try? await Task.sleep(for: .seconds(3600))
    }

    @Test("SIGTERM and SIGINT end all parts in order, and cancel the housework", arguments: [SIGTERM, SIGINT])
    func signal(_ signal: Int32) async throws {
        signals.continuation.yield(signal)
        #expect(try await run([part, part], besides: [Self.lasting]) == .orderly)
        #expect(shutdown.isRequested)
    }

    @Test("a part that ends stops the others")
    func partEnds() async throws {
        #expect(try await run([part, { true }], besides: [Self.lasting]) == .orderly)
    }

    @Test("a part that fails ends the others at once, and its error is the server's")
    func partFails() async throws {
        await #expect(throws: Broken.self) {
            _ = try await run(
                [
                    {
                        await Self.lasting()
                        return true
                    },
                    { throw Broken() },
                ],
                besides: [Self.lasting]
            )
        }
    }

    @Test("a part that had to cut something is told")
    func late() async throws {
        signals.continuation.yield(SIGTERM)
        let cut: @Sendable () async throws -> Bool = { [shutdown] in
            await shutdown.wait()
            return false
        }
        #expect(try await run([part, cut]) == .late)
    }

    @Test("a second SIGINT ends at once what would go on; a second SIGTERM does not")
    func secondSignal() async throws {
        for signal in [SIGINT, SIGTERM, SIGINT] { signals.continuation.yield(signal) }
        let end = try await run([
            {
                await Self.lasting()
                return true
            }
        ])
        #expect(end == .forced)
    }

    @Test("SIGHUP calls what is to be done for it, and ends nothing")
    func hangup() async throws {
        signals.continuation.yield(SIGHUP)
        let waiting: @Sendable () async throws -> Bool = { [hangups, shutdown] in
            for await _ in hangups.stream { break }
            return !shutdown.isRequested
        }
        #expect(try await run([waiting]) == .orderly, "it was called before anything else ended")
    }
}
