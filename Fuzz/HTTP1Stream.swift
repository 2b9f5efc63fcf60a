// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

@testable import HTTPServer

/// What a server sees in the bytes of a connection, for programs that compare or attack it.
package struct HTTP1Stream {
    private let bytes: [UInt8]
    private let step: Int
    private var parser = HTTP1Parser()
    /// Where what is read next begins, and how many bytes have come.
    private var start = 0
    private var end = 0

    /// The head of the message whose body is being read.
    private var begun: [String] = []

    /// One line for each message and one for the end of the stream, whose bytes come `step` at a time.
    package static func lines(of bytes: [UInt8], step: Int = .max) -> [String] {
        var stream = HTTP1Stream(bytes: bytes, step: step)
        var lines: [String] = []
        do throws(HTTP1Refusal) {
            while stream.start < bytes.count {
                guard let message = try stream.message() else { return lines + [line("incomplete", stream.begun)] }
                lines.append(line("message", message))
                if stream.parser.persistence == .closes { return lines + ["closed"] }
            }
        } catch {
            return lines + [line("refused", [String(error.status.code), error.sentence])]
        }
        return lines + ["complete"]
    }

    private static func line(_ kind: String, _ parts: [String]) -> String {
        ([kind] + parts).joined(separator: "\t")
    }

    private init(bytes: [UInt8], step: Int) {
        self.bytes = bytes
        self.step = step
    }

    /// More bytes come; false when there are none.
    private mutating func receive() -> Bool {
        guard end < bytes.count else { return false }
        end += min(step, bytes.count - end)
        return true
    }

    /// Reads a message; nil when it breaks off.
    private mutating func message() throws(HTTP1Refusal) -> [String]? {
        let bytes = bytes
        begun = []
        var resume = 0
        var length = 0
        while length == 0 {
            switch parser.parse(bytes.span.extracting(start..<end), from: resume) {
            case .incomplete(let resumeAt):
                guard receive() else { return nil }
                resume = resumeAt
            case .refused(let refusal): throw refusal
            case .head(let count): length = count
            }
        }
        let head = parser.requestHead(of: bytes.span.extracting(start..<end))
        start += length
        let fields = head.headers.map { Self.hex($0.name.rawName.utf8) + ":" + Self.hex($0.value.utf8) }
        let version = head.version == .http1_0 ? "1.0" : "1.1"
        begun = [head.method.rawValue, Self.hex(head.target.utf8), version, fields.joined(separator: ","), ""]
        guard let body = try body() else { return nil }
        return begun.dropLast() + [Self.hex(body)]
    }

    private mutating func body() throws(HTTP1Refusal) -> [UInt8]? {
        let bytes = bytes
        switch parser.framing {
        case .none: return []
        case .length(let length):
            while Int64(end - start) < length { guard receive() else { return nil } }
            defer { start += Int(length) }
            return Array(bytes[start..<start + Int(length)])
        case .chunked:
            var decoder = ChunkedDecoder()
            var content: [UInt8] = []
            while true {
                switch try decoder.next(bytes.span.extracting(first: end), &start) {
                case .content(let range): content += bytes[range]
                case .incomplete: guard receive() else { return nil }
                case .end: return content
                }
            }
        }
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
