// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Testing

@testable import HTTPServer

@Suite("answers on a connection", .timeLimit(.minutes(15)))
struct AnswerTests {
    @Test(
        "HEAD has the fields of GET and no body",
        arguments: ["/none?200", "/bytes?700", "/file?700", "/stream?700", "/chunked?700", "/hot?700", "/hotfile?700"],
        Way.allCases
    )
    func head(target: String, way: Way) async throws {
        try await withServer(Site(hot: HotCounts()), over: way) { server in
            let client = try server.connect()
            let whole = try client.get(target)
            try client.send(request("HEAD", target) + request("GET", "/bytes?3"))
            let head = try client.answer(toHead: true)
            #expect(head.status == whole.status)
            #expect(head.undated == whole.undated)
            #expect(try client.answer().body == pattern(3))
        }
    }

    @Test(
        "an answer has the same fields on every transport, and so has the answer to HEAD",
        arguments: ["/none?200", "/bytes?700", "/file?700", "/stream?700", "/chunked?700", "/hot?700", "/hotfile?700"]
            + ["/none?204", "/none?304", "/none?404", "/nothing", "/announced"]
    )
    func everyTransport(target: String) async throws {
        let site = Site(hot: HotCounts()) { request, answer in
            guard request.method == .head, request.path == "/announced" else {
                return await Site.answer(request, answer)
            }
            // A handler that knows how long its content would be.
            try? await answer.send(Response(status: .ok, headers: [.contentLength: "5"]))
        }
        var answers: [(status: String, fields: [String])] = []
        for way in Way.allCases {
            try await withServer(site, over: way) { server in
                let client = try server.connect()
                for method in ["GET", "HEAD"] {
                    try client.send(request(method, target))
                    let answer = try client.answer(toHead: method == "HEAD")
                    answers.append(("\(answer.status)", answer.fields.map(Self.lowercasingName)))
                }
                guard way == .tls else { return }
                let caller = try Caller(server)
                for method in ["GET", "HEAD"] {
                    let answer = try caller.answer(caller.http2.send(method, target))
                    answers.append((answer.status, answer.fields.map { "\($0.name): \($0.value)" }))
                    if method == "HEAD" { #expect(answer.body.isEmpty) }
                }
            }
        }
        // These are the connection's own.
        let own = ["date:", "connection:", "transfer-encoding:"]
        let fields = answers.map { $0.fields.filter { field in !own.contains { field.hasPrefix($0) } }.sorted() }
        #expect(fields.count == 6)
        for other in fields.dropFirst() { #expect(other == fields[0]) }
        for answer in answers {
            #expect(answer.status == answers[0].status)
            #expect(answer.fields.contains { $0.hasPrefix("date:") })
        }
    }

    private static func lowercasingName(_ field: String) -> String {
        let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return "\(parts[0].lowercased()):\(parts[1])"
    }

    @Test("204 and 304 have no body and no framing, whatever the handler says", arguments: [204, 304])
    func noContent(code: Int) async throws {
        let bodies: [ResponseBody] = [
            .none, .bytes(pattern(10)), .file(try SiteFile(pattern(10)), 0..<10),
            .stream(length: 10) { try await $0.write(pattern(10)) },
            .stream(length: nil) { try await $0.write(pattern(10)) },
        ]
        let site = Site { request in
            guard let index = Int(request.path.dropFirst()) else { return Response(status: .ok, body: .bytes([65])) }
            return Response(status: .init(code: code), body: bodies[index])
        }
        try await withServer(site) { server in
            let client = try server.connect()
            for index in bodies.indices {
                let answer = try client.get("/\(index)")
                #expect(answer.status == code)
                #expect(answer["Content-Length"] == nil)
                #expect(answer["Transfer-Encoding"] == nil)
                #expect(try client.get("/other").body == [65])
            }
        }
    }

    @Test("what has no known length comes in chunks", arguments: Way.allCases)
    func chunked(way: Way) async throws {
        try await withServer(over: way) { server in
            let client = try server.connect()
            for size in [0, 1, 9999, 1_000_000] {
                let answer = try client.get("/chunked?\(size)")
                #expect(answer["Transfer-Encoding"] == "chunked")
                #expect(answer["Content-Length"] == nil)
                #expect(answer.body == pattern(size))
            }
        }
    }

    @Test("what a stream writes arrives before it writes more", arguments: Way.allCases)
    func pieces(way: Way) async throws {
        let (first, second) = (Latch(), Latch())
        let site = Site { _ in
            Response(
                status: .ok,
                body: .stream(length: 2) { writer in
                    try await writer.flush()
                    await first.pass()
                    try await writer.write([65])
                    await second.pass()
                    try await writer.write([66])
                }
            )
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            try client.send(request("GET", "/"))
            while !String(decoding: client.unread, as: UTF8.self).hasSuffix("\r\n\r\n") { _ = try client.receive() }
            let head = client.unread.count
            first.open()
            while client.unread.count == head { _ = try client.receive() }
            #expect(client.unread.last == 65)
            second.open()
            #expect(try client.answer().text == "AB")
        }
    }

    @Test("the head of a stream that writes late reaches its own client alone", arguments: Way.allCases)
    func lateStream(way: Way) async throws {
        let (began, gate) = (Latch(), Latch())
        let site = Site { request in
            guard request.path == "/late" else { return try await Site.response(request) }
            return Response(
                status: .accepted,
                body: .stream(length: nil) { writer in
                    began.open()
                    await gate.pass()
                    try await writer.write(pattern(5))
                }
            )
        }
        try await withServer(site, over: way) { server in
            let late = try server.connect()
            try late.send(request("GET", "/late"))
            try began.wait()
            let other = try server.connect()
            for size in 0..<20 {
                let answer = try other.get("/bytes?\(size)")
                #expect(answer.status == 200)
                #expect(answer.body == pattern(size))
            }
            gate.open()
            let answer = try late.answer()
            #expect(answer.status == 202)
            #expect(answer.body == pattern(5))
        }
    }

    enum Fault: CaseIterable {
        case tooShort, tooLong, tooLongButCaught, throwsAtOnce, throwsLater
    }

    @Test("a stream that is not what was announced breaks its connection", arguments: Fault.allCases, Way.allCases)
    func wrongLength(fault: Fault, way: Way) async throws {
        let site = Site { _ in
            Response(
                status: .ok,
                body: .stream(length: 10) { writer in
                    switch fault {
                    case .tooShort: try await writer.write(pattern(9))
                    case .tooLong: try await writer.write(pattern(11))
                    case .tooLongButCaught:
                        try await writer.write(pattern(10))
                        try? await writer.write([65])
                    case .throwsAtOnce: throw TookTooLong(what: "nothing")
                    case .throwsLater:
                        try await writer.write(pattern(9))
                        throw TookTooLong(what: "nothing")
                    }
                }
            )
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            try client.send(request("GET", "/") + request("GET", "/"))
            if fault == .tooLongButCaught {
                #expect(try client.answer().body == pattern(10))
            } else {
                #expect(throws: (any Error).self) { try client.answer() }
            }
            #expect(try client.isClosedByServer())
            try server.wait(forEnd: .bodyFailed)
        }
    }

    @Test("a stream of unknown length that fails does not look complete", arguments: ["1.0", "1.1"], Way.allCases)
    func brokenStream(version: String, way: Way) async throws {
        let site = Site { _ in
            Response(
                status: .ok,
                body: .stream(length: nil) { writer in
                    try await writer.write(pattern(100))
                    throw TookTooLong(what: "nothing")
                }
            )
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            try client.send(request("GET", "/", version: version))
            #expect(throws: Client.Failure.self) { try client.answer() }
            try server.wait(forEnd: .bodyFailed)
        }
    }

    @Test("a handler that returns without an answer gives 500, and the connection goes on", arguments: Way.allCases)
    func nothing(way: Way) async throws {
        try await withServer(over: way) { server in
            let client = try server.connect()
            for _ in 0..<3 {
                let answer = try client.get("/nothing")
                #expect(answer.status == 500)
                #expect(answer.text.hasSuffix("\n"))
            }
            try client.send(upload("/nothing", pattern(1000)) + Array(request("GET", "/bytes?5").utf8))
            #expect(try client.answer().status == 500)
            #expect(try client.answer().body == pattern(5))
        }
    }

    @Test("large answers from memory arrive whole at a slow reader", arguments: Way.allCases)
    func large(way: Way) async throws {
        let size = 8 << 20
        try await withServer(Site(hot: HotCounts()), over: way) { server in
            let client = try server.connect(receiveBuffer: 64 << 10)
            for target in ["/bytes?\(size)", "/stream?\(size)", "/hot?\(size)", "/hot?900000"] {
                let answer = try client.get(target)
                #expect(answer.body == pattern(Int(answer["Content-Length"] ?? "") ?? 0))
            }
        }
    }

    @Test("an answer says that the connection ends when its handler wants that")
    func handlerCloses() async throws {
        let site = Site { _ in Response(status: .ok, headers: [.connection: "close"], body: .bytes([65])) }
        try await withServer(site) { server in
            let client = try server.connect()
            let answer = try client.get("/")
            #expect(answer["Connection"] == "close")
            #expect(try client.isClosedByServer())
        }
    }

    @Test("a client that is gone ends the writing", arguments: Way.allCases)
    func gone(way: Way) async throws {
        let ends = Record<String>()
        let site = Site { _, answer in
            let response = Response(
                status: .ok,
                body: .stream(length: nil) { writer in
                    while true { try await writer.write(pattern(10_000)) }
                }
            )
            do {
                try await answer.send(response)
                ends.append("sent")
            } catch {
                ends.append("\(type(of: error))")
            }
        }
        try await withServer(site, over: way) { server in
            let client = try server.connect()
            try client.send(request("GET", "/"))
            _ = try client.receive()
            client.close()
            try ends.wait(count: 1)
            #expect(ends.all == ["AnswerBrokenOff"])
            try server.wait(forEnd: .brokenOff)
        }
    }
}
