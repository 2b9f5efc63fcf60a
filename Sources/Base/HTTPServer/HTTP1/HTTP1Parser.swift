// SPDX-License-Identifier: Apache-2.0

/// Reads the head of a request from bytes of a read buffer, without taking them out of it (RFC 9112, sections 2 to 6).
///
/// One parser serves every connection of a loop: it keeps offsets into the bytes of the last call, and its arrays are used again.
/// What was read is valid after `.head` until the next call. The bytes begin with the request's, also where a call goes on with
/// a head that was incomplete before; whether it comes in one piece or byte by byte makes no difference for the result.
struct HTTP1Parser {
    /// The most bytes that a head may have.
    static let longestHead = 32 * 1024
    /// The most fields that a head or a trailer may have.
    static let mostFields = 200
    static let longestTarget = 8 * 1024
    static let longestMethod = 32

    enum Result: Equatable {
        /// More bytes are needed; the next call takes `resumeAt` and all bytes of this call, with more behind them.
        case incomplete(resumeAt: Int)
        /// A head of so many bytes.
        case head(length: Int)
        case refused(HTTP1Refusal)
    }

    /// A field's name and its value without the white space around it.
    struct Field {
        let name: Range<Int>
        let value: Range<Int>
    }

    var method = 0..<0
    /// Path and query; see `isPathMissing`.
    var target = 0..<0
    /// Whether `/` belongs before the target: the client sent a query directly behind a host.
    var isPathMissing = false
    /// The host of a target in absolute form, which takes the place of `Host`; empty otherwise (RFC 9112, section 3.2.2).
    var authority = 0..<0
    /// 1.1 for all later versions, too (RFC 9110, section 2.5).
    var version = HTTPVersion.http1_1
    var fields: [Field] = []
    var known: HeadView.Fields = []
    /// The value of the first `Authorization`; empty when there is none.
    var authorization = 0..<0
    var framing = BodyFraming.none
    var persistence = Persistence.persistent
    /// Whether the client waits for `100 Continue` before it sends a body.
    var expectsContinue = false

    /// What the fields say that have more than one say together.
    var tally = Tally()

    init() {
        fields.reserveCapacity(Self.mostFields)
    }

    /// Reads a head; `resume` is what the last call for the same head returned, 0 at first.
    mutating func parse(_ bytes: Span<UInt8>, from resume: Int = 0) -> Result {
        do {
            return try read(bytes, from: resume)
        } catch {
            return .refused(error)
        }
    }

    mutating func parse(_ bytes: UnsafeRawBufferPointer, from resume: Int = 0) -> Result {
        bytes.withMemoryRebound(to: UInt8.self) { parse($0.span, from: resume) }
    }

    private mutating func read(_ bytes: Span<UInt8>, from resume: Int) throws(HTTP1Refusal) -> Result {
        // A request line is judged as it comes, fields when they are complete. So what is read again and again is short.
        var lineEnd = 0
        if resume == 0 {
            guard let end = try readRequestLine(bytes) else { return .incomplete(resumeAt: 0) }
            lineEnd = end
        }
        let searchable = min(bytes.count, Self.longestHead)
        guard let end = try bytes.emptyLineEnd(in: max(lineEnd, resume)..<searchable) else {
            guard bytes.count < Self.longestHead else { throw .headTooLarge }
            return .incomplete(resumeAt: bytes.count)
        }
        if resume > 0 {
            guard let end = try readRequestLine(bytes) else { return .incomplete(resumeAt: 0) }
            lineEnd = end
        }
        try readFields(bytes, from: lineEnd, to: end)
        try judgeFields(bytes)
        return .head(length: end)
    }

    /// Reads method, target and version; returns where the line ends, nil when more bytes are needed.
    private mutating func readRequestLine(_ bytes: Span<UInt8>) throws(HTTP1Refusal) -> Int? {
        var index = 0
        // One empty line before a request is passed over (RFC 9112, section 2.2).
        if bytes.count > 0, bytes[0] == .carriageReturn {
            guard bytes.count > 1 else { return nil }
            guard bytes[1] == .lineFeed else { throw .notHTTP }
            index = 2
        }
        let methodStart = index
        while index < bytes.count, bytes[index].isToken {
            index += 1
            guard index - methodStart <= Self.longestMethod else { throw .methodTooLong }
        }
        guard index < bytes.count else { return nil }
        guard index > methodStart, bytes[index] == .space else { throw .notHTTP }
        method = methodStart..<index
        index += 1
        let targetStart = index
        let most = min(bytes.count, targetStart + Self.longestTarget + 1)
        while index < most, bytes[index] &- 0x21 < 0x5E { index += 1 }
        guard index - targetStart <= Self.longestTarget else { throw .targetTooLong }
        guard index < bytes.count else { return nil }
        guard bytes[index] == .space else { throw Self.refusal(endOfTarget: bytes[index]) }
        guard index > targetStart else { throw .noTarget }
        guard let end = try readVersion(bytes, at: index + 1) else { return nil }
        try readTarget(bytes, targetStart..<index)
        return end
    }

    private static func refusal(endOfTarget byte: UInt8) -> HTTP1Refusal {
        // HTTP/0.9 ended its request with the target.
        byte == .carriageReturn || byte == .lineFeed ? .noVersion : .targetBytes
    }

    /// Reads the version and the end of the request line (RFC 9112, section 2.3).
    private mutating func readVersion(_ bytes: Span<UInt8>, at start: Int) throws(HTTP1Refusal) -> Int? {
        let name: StaticString = "HTTP/"
        let pattern = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        for offset in 0..<10 {
            guard start + offset < bytes.count else { return nil }
            let byte = bytes[start + offset]
            let isFine =
                switch offset {
                case 0..<5: byte == pattern[offset]
                case 5, 7: byte.isDigit
                case 6: byte == UInt8(ascii: ".")
                case 8: byte == .carriageReturn
                default: byte == .lineFeed
                }
            guard isFine else {
                if offset >= 8, byte == .lineFeed { throw .bareLineFeed }
                throw offset == 9 ? .bareCarriageReturn : .noVersion
            }
        }
        guard bytes[start + 5] == UInt8(ascii: "1") else { throw .otherVersion }
        version = bytes[start + 7] == UInt8(ascii: "0") ? .http1_0 : .http1_1
        return start + 10
    }
}

extension Span<UInt8> {
    /// Where the empty line ends that ends a head, when it lies in a range that begins with a line, or goes on with a search.
    func emptyLineEnd(in range: Range<Int>) throws(HTTP1Refusal) -> Int? {
        var start = range.lowerBound
        while let lineFeed = firstIndex(of: .lineFeed, in: start..<range.upperBound) {
            guard lineFeed > 0, self[lineFeed - 1] == .carriageReturn else { throw .bareLineFeed }
            if lineFeed > 1, self[lineFeed - 2] == .lineFeed { return lineFeed + 1 }
            start = lineFeed + 1
        }
        return nil
    }
}
