// SPDX-License-Identifier: Apache-2.0

/// Conversations in HTTP/1.1: requests of all kinds, one after another.
struct HTTP1Conversations {
    private let samples: [[UInt8]] = [
        request("GET", "/hot"),
        request("HEAD", "/hot", ["Accept: */*", "X-Y: z"]),
        request("GET", "/hot") + request("GET", "/hot") + request("GET", "/hot") + request("GET", "/abcd"),
        request("GET", "/a") + request("GET", "/ab") + request("GET", "/abc") + request("GET", "/abcde"),
        request("GET", "/old", ["Connection: keep-alive"], version: "1.0") + request("GET", "/", version: "1.0"),
        request("GET", "http://test/absolute?x"),
        request("OPTIONS", "*"),
        request("GET", "/", ["Connection: close"]) + request("GET", "/more"),
        request("GET", "/", ["Range: bytes=0-5", "If-None-Match: \"x\"", "Authorization: Basic YTpi"]),
        upload("/up", 300, ["X: y"]),
        upload("/up", 50_000) + upload("/uppp", 40_000) + request("GET", "/hot"),
        request("POST", "/chunks", ["Transfer-Encoding: chunked"]) + chunks(9000, trailer: "A: b\r\n"),
        request("PUT", "/chunk", ["Transfer-Encoding: chunked"]) + chunks(300) + request("GET", "/hot"),
        request("POST", "/wait", ["Content-Length: 5", "Expect: 100-continue"]) + [1, 2, 3, 4, 5],
        request("POST", "/waits", ["Transfer-Encoding: chunked", "Expect: 100-continue"]) + chunks(50),
        request("DELETE", "/gone", (0..<40).map { "X-Field-\($0): \($0)" }),
        Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0],
    ]

    private let words: [[UInt8]] = [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", ";", "0", "ffffffffffffffff", "-1", "HTTP/1.1", "HTTP/1.0",
        "GET ",
        "chunked", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "Host: x\r\n",
        "%00",
        "\u{80}", "Expect: 100-continue\r\n", "\r\n\r\n", "0\r\n\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
    ].map { Array($0.utf8) }

    func mutated(_ random: inout SplitMix64) -> [UInt8] {
        var bytes = random.pick(samples)
        for _ in 0..<random.number(below: 5) { Mutation.change(&bytes, words, random.pick(samples), &random) }
        return bytes
    }

    private static func request(
        _ method: String,
        _ target: String,
        _ fields: [String] = [],
        version: String = "1.1"
    ) -> [UInt8] {
        Array("\(method) \(target) HTTP/\(version)\r\nHost: test\r\n\(fields.map { $0 + "\r\n" }.joined())\r\n".utf8)
    }

    private static func upload(_ target: String, _ size: Int, _ fields: [String] = []) -> [UInt8] {
        request("PUT", target, fields + ["Content-Length: \(size)"]) + [UInt8](repeating: 7, count: size)
    }

    private static func chunks(_ size: Int, trailer: String = "") -> [UInt8] {
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: size, by: 1000) {
            let count = min(1000, size - start)
            bytes += "\(String(count, radix: 16));a=b\r\n".utf8 + [UInt8](repeating: 8, count: count) + "\r\n".utf8
        }
        return bytes + Array("0\r\n\(trailer)\r\n".utf8)
    }
}
