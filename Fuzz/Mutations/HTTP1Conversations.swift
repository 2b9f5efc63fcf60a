// SPDX-License-Identifier: Apache-2.0

/// Conversations in HTTP/1.1: requests of all kinds, one after another.
struct HTTP1Conversations {
    private static let hot = request("GET", "/hot")
    private static let samples: [[UInt8]] = [
        hot,
        request("HEAD", "/hot", ["Accept: */*", "X-Y: z"]),
        all(hot, hot, hot, request("GET", "/abcd")),
        all(request("GET", "/a"), request("GET", "/ab"), request("GET", "/abc"), request("GET", "/abcde")),
        all(request("GET", "/old", ["Connection: keep-alive"], version: "1.0"), request("GET", "/", version: "1.0")),
        request("GET", "http://test/absolute?x"),
        request("OPTIONS", "*"),
        all(request("GET", "/", ["Connection: close"]), request("GET", "/more")),
        request("GET", "/", ["Range: bytes=0-5", "If-None-Match: x", "Authorization: Basic YTpi"]),
        upload("/up", 300, ["X: y"]),
        all(upload("/up", 50_000), upload("/uppp", 40_000), hot),
        all(request("POST", "/chunks", ["Transfer-Encoding: chunked"]), chunks(9000, trailer: "A: b\r\n")),
        all(request("PUT", "/chunk", ["Transfer-Encoding: chunked"]), chunks(300), hot),
        all(request("POST", "/wait", ["Content-Length: 5", "Expect: 100-continue"]), [1, 2, 3, 4, 5]),
        all(request("POST", "/waits", ["Transfer-Encoding: chunked", "Expect: 100-continue"]), chunks(50)),
        request("DELETE", "/gone", (0..<40).map { "X-Field-\($0): \($0)" }),
        all(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8), [0, 0, 0, 4, 0, 0, 0, 0, 0]),
    ]

    private static let texts: [String] = [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", ";", "0", "ffffffffffffffff", "-1", "HTTP/1.1", "HTTP/1.0",
        "GET ", "chunked", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n",
        "Host: x\r\n", "%00", "\u{80}", "Expect: 100-continue\r\n", "\r\n\r\n", "0\r\n\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
    ]
    private static let words: [[UInt8]] = texts.map { Array($0.utf8) }

    func mutated(_ random: inout SplitMix64) -> [UInt8] {
        var bytes = random.pick(Self.samples)
        for _ in 0..<random.number(below: 5) { Mutation.change(&bytes, Self.words, random.pick(Self.samples), &random) }
        return bytes
    }

    private static func all(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }

    private static func request(
        _ method: String,
        _ target: String,
        _ fields: [String] = [],
        version: String = "1.1"
    ) -> [UInt8] {
        Array("\(method) \(target) HTTP/\(version)\r\nHost: test\r\n\(fields.map { $0 + "\r\n" }.joined())\r\n".utf8)
    }

    private static func upload(_ target: String, _ size: Int, _ fields: [String] = []) -> [UInt8] {
        let head = request("PUT", target, fields + ["Content-Length: \(size)"])
        return head + [UInt8](repeating: 7, count: size)
    }

    private static func chunks(_ size: Int, trailer: String = "") -> [UInt8] {
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: size, by: 1000) {
            let count = min(1000, size - start)
            bytes += Array("\(String(count, radix: 16));a=b\r\n".utf8)
            bytes += [UInt8](repeating: 8, count: count)
            bytes += Array("\r\n".utf8)
        }
        bytes += Array("0\r\n\(trailer)\r\n".utf8)
        return bytes
    }
}
