// SPDX-License-Identifier: Apache-2.0

/// A parser for request heads in a read buffer; it does not copy the bytes (RFC 9112, sections 2 to 6).
///
/// One parser serves all connections of a loop. It keeps offsets into the bytes of the last call and reuses its arrays. After `.head`, the
/// results are valid until the next call. The bytes always start at the beginning of the request, also when a call resumes an incomplete
/// head. The result does not depend on how the head is split.
struct HTTP1Parser {
    /// The maximum size of a head, in bytes.
    static let longestHead = 32 * 1024
    /// The maximum number of fields in a head or a trailer.
    static let mostFields = 200
    static let longestTarget = 8 * 1024
    static let longestMethod = 32

    enum Result: Equatable {
        /// More bytes are needed; the next call takes `resumeAt` and the same bytes followed by more.
        case incomplete(resumeAt: Int)
        /// A complete head, with its length in bytes.
        case head(length: Int)
        case refused(HTTP1Refusal)
    }

    /// A field name, and its value without surrounding white space.
    struct Field {
        let name: Range<Int>
        let value: Range<Int>
    }

    var method = 0..<0
    /// The path and query; see `isPathMissing`.
    var target = 0..<0
    /// Whether `/` must be prepended to the target, because a query follows the host directly.
    var isPathMissing = false
    /// The host of a target in absolute form, which overrides `Host`; otherwise empty (RFC 9112, section 3.2.2).
    var authority = 0..<0
    /// The version; later minor versions count as 1.1 (RFC 9110, section 2.5).
    var version = HTTPVersion.http1_1
    var fields: [Field] = []
    var known: HeadView.Fields = []
    /// The value of the first `Authorization` field; empty without one.
    var authorization = 0..<0
    var framing = BodyFraming.none
    var persistence = Persistence.persistent
    /// Whether the client waits for `100 Continue` before it sends the body.
    var expectsContinue = false

    /// The notes on fields that must be evaluated in combination.
    var tally = Tally()

    init() {
        fields.reserveCapacity(Self.mostFields)
    }

    /// Parses a head; `resume` is the result of the last call for the same head, initially 0.
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
        // Validates the request line as it arrives, but fields only when complete. Only a short part is therefore parsed repeatedly.
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

    /// Parses the method, target and version; returns the end of the line, or nil when more bytes are needed.
    private mutating func readRequestLine(_ bytes: Span<UInt8>) throws(HTTP1Refusal) -> Int? {
        var index = 0
        // One empty line before a request is ignored (RFC 9112, section 2.2).
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
        // An HTTP/0.9 request ends after the target.
        byte == .carriageReturn || byte == .lineFeed ? .noVersion : .targetBytes
    }

    /// Parses the version and the end of the request line (RFC 9112, section 2.3).
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
    /// Returns the end of the empty line that ends a head; the range begins at a line or continues an earlier search.
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
