// SPDX-License-Identifier: Apache-2.0

/// What a server answered, read by rules of its own.
struct Answer: Equatable {
    var status = 0
    var fields: [String] = []
    var body: [UInt8] = []
    /// The statuses of interim answers before it.
    var interim: [Int] = []
    /// Whether only the end of the connection ended the body.
    var isEndedByConnection = false

    var text: String { String(decoding: body, as: UTF8.self) }

    subscript(name: String) -> String? {
        let prefix = name.lowercased() + ":"
        return fields.first { $0.lowercased().hasPrefix(prefix) }.map {
            String($0.dropFirst(prefix.count).drop { $0 == " " })
        }
    }

    /// The fields but for `Date`, in order.
    var undated: [String] { fields.filter { !$0.hasPrefix("Date:") } }
}

extension Client {
    /// The next answer; nil when the connection ends before it.
    func answerOrEnd(toHead: Bool = false) throws -> Answer? {
        var answer = Answer()
        while true {
            guard let head = try head() else {
                guard answer.interim.isEmpty else { throw Failure.broken }
                return nil
            }
            answer.status = head.status
            answer.fields = head.fields
            guard (100..<200).contains(head.status) else { break }
            answer.interim.append(head.status)
        }
        if !toHead, answer.status != 204, answer.status != 304 { try readBody(of: &answer) }
        return answer
    }

    /// The next answer, which must come.
    func answer(toHead: Bool = false) throws -> Answer {
        guard let answer = try answerOrEnd(toHead: toHead) else { throw Failure.broken }
        return answer
    }

    /// Sends a GET without a body and takes its answer.
    func get(_ target: String, _ fields: String...) throws -> Answer {
        try send(request("GET", target, fields))
        return try answer()
    }

    private func head() throws -> (status: Int, fields: [String])? {
        var start = 0
        while true {
            if let end = unread.emptyLine(from: start) {
                let text = String(decoding: unread[..<end], as: UTF8.self)
                unread.removeFirst(end)
                let lines = text.split(separator: "\r\n", omittingEmptySubsequences: true)
                guard let first = lines.first, first.hasPrefix("HTTP/1.1 "),
                    let status = Int(first.dropFirst(9).prefix(3))
                else { throw Failure.nonsense(String(text.prefix(200))) }
                return (status, lines.dropFirst().map(String.init))
            }
            start = max(0, unread.count - 3)
            guard try receive() else {
                if unread.isEmpty { return nil }
                throw Failure.broken
            }
        }
    }

    private func readBody(of answer: inout Answer) throws {
        if answer["Transfer-Encoding"] != nil { return try readChunks(of: &answer) }
        guard let text = answer["Content-Length"] else {
            while try receive() {}
            answer.isEndedByConnection = true
            answer.body = try take(unread.count)
            return
        }
        guard let length = Int(text) else { throw Failure.nonsense(text) }
        answer.body = try take(length)
    }

    private func readChunks(of answer: inout Answer) throws {
        while true {
            let line = try takeLine()
            guard let size = Int(line, radix: 16) else { throw Failure.nonsense(line) }
            answer.body += try take(size)
            guard try takeLine().isEmpty else { throw Failure.nonsense("a chunk without its end") }
            if size == 0 { return }
        }
    }

    /// Exactly so many bytes.
    func take(_ count: Int) throws -> [UInt8] {
        while unread.count < count { guard try receive() else { throw Failure.broken } }
        defer { unread.removeFirst(count) }
        return Array(unread[..<count])
    }

    private func takeLine() throws -> String {
        while true {
            if let end = unread.firstIndex(of: 10) {
                guard end > 0, unread[end - 1] == 13 else { throw Failure.nonsense("a line without CR") }
                defer { unread.removeFirst(end + 1) }
                return String(decoding: unread[..<(end - 1)], as: UTF8.self)
            }
            guard try receive() else { throw Failure.broken }
        }
    }
}

extension [UInt8] {
    /// The index behind the first empty line.
    fileprivate func emptyLine(from start: Int) -> Int? {
        guard count >= start + 4 else { return nil }
        for index in start...(count - 4) where self[index] == 13 {
            if self[index + 1] == 10, self[index + 2] == 13, self[index + 3] == 10 { return index + 4 }
        }
        return nil
    }
}

/// A request's head, as clients write it.
func request(_ method: String, _ target: String, _ fields: [String] = [], version: String = "1.1") -> String {
    "\(method) \(target) HTTP/\(version)\r\nHost: test\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
}

/// A request with a body of a known size.
func upload(_ target: String, _ body: [UInt8], _ fields: String...) -> [UInt8] {
    Array(request("POST", target, fields + ["Content-Length: \(body.count)"]).utf8) + body
}

/// A body in chunks of random sizes, without the head.
func chunks(_ body: [UInt8], seed: UInt64 = 1, trailer: String = "") -> [UInt8] {
    var generator = SplitMix64(seed: seed)
    var bytes: [UInt8] = []
    var rest = body[...]
    while !rest.isEmpty {
        let size = min(rest.count, Int.random(in: 1...5000, using: &generator))
        bytes += "\(String(size, radix: 16))\r\n".utf8
        bytes += rest.prefix(size)
        bytes += "\r\n".utf8
        rest = rest.dropFirst(size)
    }
    return bytes + "0\r\n\(trailer)\r\n".utf8
}

/// Bytes of which no part looks like another.
func pattern(_ count: Int, from start: Int = 0) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        for index in 0..<count {
            let place = UInt64(start + index)
            buffer.initializeElement(at: index, to: UInt8(truncatingIfNeeded: (place &* 0x9E37_79B9_7F4A_7C15) >> 40))
        }
        initialized = count
    }
}

/// A number that tells one content from another (FNV-1a).
func checksum(_ bytes: [UInt8], continuing sum: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
    bytes.withUnsafeBufferPointer { $0.reduce(sum) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } }
}
