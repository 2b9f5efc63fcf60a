// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Synchronization
import Testing

@testable import HTTPServer

@Suite("requests that do not wait for answers", .timeLimit(.minutes(15)))
struct PipeliningTests {
    private struct Step {
        let request: [UInt8]
        var toHead = false
        let status: Int
        let body: [UInt8]
    }

    /// Requests of every kind in random order, with what must come of each.
    private static func steps(_ count: Int, seed: UInt64, largest: Int = 3000) -> [Step] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in
            // Few sizes: what is prepared stays in memory.
            let size = Int.random(in: 0...20, using: &generator) * largest / 20
            let get = { (path: String) in Array(request("GET", "\(path)?\(size)").utf8) }
            return switch Int.random(in: 0..<11, using: &generator) {
            case 0: Step(request: get("/bytes"), status: 200, body: pattern(size))
            case 1: Step(request: get("/file"), status: 200, body: pattern(size))
            case 2: Step(request: get("/stream"), status: 200, body: pattern(size))
            case 3: Step(request: get("/chunked"), status: 200, body: pattern(size))
            case 4: Step(request: get("/hotfile"), status: 200, body: pattern(size))
            case 5: Step(request: Array(request("HEAD", "/file?9").utf8), toHead: true, status: 200, body: [])
            case 6: Step(request: Array(request("HEAD", "/hotfile?9").utf8), toHead: true, status: 200, body: [])
            case 7: Step(request: Array(request("GET", "/none?204").utf8), status: 204, body: [])
            case 8: Step(request: upload("/echo", pattern(size)), status: 200, body: pattern(size))
            case 9:
                Step(
                    request: Array(request("PUT", "/echo", ["Transfer-Encoding: chunked"]).utf8)
                        + chunks(pattern(size)),
                    status: 200,
                    body: pattern(size)
                )
            default: Step(request: get("/hot"), status: 200, body: pattern(size))
            }
        }
    }

    private static func check(_ steps: [Step], _ client: Client) throws {
        for (number, step) in steps.enumerated() {
            let answer = try client.answer(toHead: step.toHead)
            #expect(answer.status == step.status, "number \(number)")
            #expect(answer.body == step.body, "number \(number)")
        }
    }

    @Test("hundreds of every kind are answered in order", arguments: Way.allCases, SplitMix64.seeds)
    func mixed(way: Way, seed: UInt64) async throws {
        try await withServer(Site(hot: HotCounts()), over: way) { server in
            let client = try server.connect()
            let steps = Self.steps(400, seed: seed)
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Neither side waits for the other.
                let all = steps.flatMap(\.request)
                nonisolated(unsafe) let client = client
                if way == .tls {
                    // OpenSSL's connection belongs to one thread.
                    try client.send(all)
                } else {
                    group.addTask { try client.send(all) }
                }
                try Self.check(steps, client)
                try await group.waitForAll()
            }
        }
    }

    @Test(
        "a client that sends all before it reads loses nothing",
        arguments: Way.allCases,
        ["/hot?2000", "/hotfile?2000", "/bytes?2000", "/hotfile?70000", "/hot?100000"]
    )
    func unread(way: Way, target: String) async throws {
        try await withServer(Site(hot: HotCounts()), over: way) { server in
            let client = try server.connect(receiveBuffer: 16 << 10)
            let size = Int(target.drop { $0 != "?" }.dropFirst()) ?? 0
            // All of it fits into the buffers of the kernel and the one of OpenSSL.
            let count = 900
            let sent = try client.sendUntilBlocked(
                Array(request("GET", target).utf8),
                atMost: count * request("GET", target).utf8.count
            )
            let whole = sent / request("GET", target).utf8.count
            #expect(whole > 100)
            for number in 0..<whole {
                let answer = try client.answer()
                #expect(answer.body == pattern(size), "number \(number) of \(whole)")
            }
            if sent == count * request("GET", target).utf8.count {
                #expect(try client.get("/bytes?5").body == pattern(5))
            }
        }
    }

    @Test(
        "what is refused waits for the answers before it",
        arguments: Way.allCases,
        ["/hot?150000", "/hotfile?150000", "/bytes?150000"]
    )
    func refusal(way: Way, target: String) async throws {
        try await withServer(Site(hot: HotCounts()), over: way) { server in
            let client = try server.connect(receiveBuffer: 16 << 10)
            try client.send(String(repeating: request("GET", target), count: 60) + "nonsense\r\n\r\n")
            for number in 0..<60 { #expect(try client.answer().body == pattern(150_000), "number \(number)") }
            let refusal = try client.answer()
            #expect(refusal.status == 400)
            #expect(refusal["Connection"] == "close")
            #expect(try client.isClosedByServer())
            client.close()
            try server.wait(forEnd: .refused)
        }
    }

    @Test(
        "a client that takes answers while they are sent gets all of them",
        arguments: Way.allCases,
        ["/hot", "/hotfile"]
    )
    func concurrent(way: Way, path: String) async throws {
        // A request that is forgotten leaves an idle connection.
        try await withServer(Site(hot: HotCounts()), over: way) { configuration in
            configuration.limits.idle = .seconds(2)
        } _: { server in
            for round in 0..<100 {
                let client = try server.connect()
                // Near what a socket takes at once.
                let size = 100_000 + round * 3_000
                try client.send(String(repeating: request("GET", "\(path)?\(size)"), count: 20))
                for number in 0..<20 {
                    #expect(try client.answer().body.count == size, "number \(number) of round \(round)")
                }
                client.close()
            }
        }
    }

    @Test("nothing is answered behind a request that ends the connection", arguments: Way.allCases)
    func close(way: Way) async throws {
        try await withServer(Site(hot: HotCounts()), over: way) { server in
            let client = try server.connect()
            let (go, end) = (request("GET", "/hot?5"), request("GET", "/hot?5", ["Connection: close"]))
            try client.send(go + end + go)
            #expect(try client.answer()["Connection"] == nil)
            #expect(try client.answer()["Connection"] == "close")
            #expect(try client.answerOrEnd() == nil)
        }
    }

    @Test("a client that has ended its side gets all answers", arguments: Way.allCases, SplitMix64.seeds)
    func halfClosed(way: Way, seed: UInt64) async throws {
        try await withServer(Site(hot: HotCounts()), over: way) { server in
            let client = try server.connect()
            let steps = Self.steps(60, seed: seed)
            try client.send(steps.flatMap(\.request))
            client.halfClose()
            try Self.check(steps, client)
            #expect(try client.answerOrEnd() == nil)
        }
    }
}
