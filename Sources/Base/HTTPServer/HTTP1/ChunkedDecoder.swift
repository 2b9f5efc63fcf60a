// SPDX-License-Identifier: Apache-2.0

/// An incremental decoder for chunked bodies (RFC 9112, section 7.1); a value without I/O.
///
/// The decoder validates each byte as it arrives and keeps none, so input may be split anywhere. It validates and discards chunk extensions
/// and the trailer.
struct ChunkedDecoder {
    /// The maximum length of a chunk-size line, in bytes.
    static let longestLine = 4 * 1024
    /// The maximum total overhead of a body: the bytes of chunk-size lines beyond the content and 16 bytes per chunk.
    static let mostOverhead: Int64 = 16 * 1024

    enum Step: Equatable {
        /// The content bytes; more may follow.
        case content(Range<Int>)
        /// All bytes are consumed, and the body continues.
        case incomplete
        /// The body is complete; the remaining bytes belong to the next request.
        case end
    }

    private enum State {
        case size
        case chunkExtension
        case sizeLineFeed
        case content
        case contentCarriageReturn
        case contentLineFeed
        case trailer
        case end
    }

    /// The number of content bytes so far.
    private(set) var contentLength: Int64 = 0

    private var state = State.size
    /// The chunk size while it is parsed, then the remaining bytes of the chunk.
    private var rest: Int64 = 0
    private var digits = 0
    private var lineLength = 0
    private var overhead: Int64 = 0
    private var trailer = TrailerReader()

    /// Decodes bytes from an index, which is advanced past the consumed bytes.
    mutating func next(_ bytes: Span<UInt8>, _ index: inout Int) throws(HTTP1Refusal) -> Step {
        while index < bytes.count {
            if state == .content { return .content(takeContent(bytes, &index)) }
            if state == .end { break }
            try take(bytes[index])
            index += 1
        }
        return state == .end ? .end : .incomplete
    }

    mutating func next(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) throws(HTTP1Refusal) -> Step {
        try next(bytes.bindMemory(to: UInt8.self).span, &index)
    }

    private mutating func takeContent(_ bytes: Span<UInt8>, _ index: inout Int) -> Range<Int> {
        let start = index
        index += Int(min(Int64(bytes.count - start), rest))
        rest -= Int64(index - start)
        contentLength += Int64(index - start)
        if rest == 0 { state = .contentCarriageReturn }
        return start..<index
    }

    private mutating func take(_ byte: UInt8) throws(HTTP1Refusal) {
        switch state {
        case .size: try takeSize(byte)
        case .chunkExtension:
            try countLine()
            if byte == .carriageReturn { return state = .sizeLineFeed }
            guard byte >= .space && byte != .delete || byte == .tab else { throw .badChunk }
        case .sizeLineFeed:
            guard byte == .lineFeed else { throw .badChunk }
            try beginChunk()
        case .contentCarriageReturn:
            guard byte == .carriageReturn else { throw .badChunk }
            state = .contentLineFeed
        case .contentLineFeed:
            guard byte == .lineFeed else { throw .badChunk }
            (state, digits, lineLength) = (.size, 0, 0)
        case .trailer:
            if try trailer.take(byte) { state = .end }
        case .content, .end: break
        }
    }

    private mutating func takeSize(_ byte: UInt8) throws(HTTP1Refusal) {
        try countLine()
        if let digit = byte.hexadecimalDigit {
            digits += 1
            guard digits <= 16, rest <= Int64.max >> 4 else { throw .badChunk }
            rest = rest << 4 | Int64(digit)
            return
        }
        guard digits > 0 else { throw .badChunk }
        switch byte {
        case .carriageReturn: state = .sizeLineFeed
        case UInt8(ascii: ";"): state = .chunkExtension
        default: throw .badChunk
        }
    }

    private mutating func countLine() throws(HTTP1Refusal) {
        lineLength += 1
        guard lineLength <= Self.longestLine else { throw .chunkLineTooLong }
    }

    private mutating func beginChunk() throws(HTTP1Refusal) {
        guard rest > 0 else { return state = .trailer }
        guard rest <= Int64.max - contentLength else { throw .badChunk }
        // Limits the cost of many small chunks or long extensions for the whole body.
        overhead = max(0, overhead + Int64(lineLength) - 16 - rest)
        guard overhead <= Self.mostOverhead else { throw .chunkLineTooLong }
        state = .content
    }
}

/// A reader that validates and discards the trailer of a chunked body (RFC 9112, section 7.1.2).
private struct TrailerReader {
    private enum State {
        case lineStart
        case name
        case value
        case valueLineFeed
        case lastLineFeed
    }

    private var state = State.lineStart
    private var length = 0
    private var fields = 0

    /// Processes a byte; returns true at the end of the trailer.
    mutating func take(_ byte: UInt8) throws(HTTP1Refusal) -> Bool {
        length += 1
        guard length <= HTTP1Parser.longestHead else { throw .trailerTooLarge }
        switch state {
        case .lineStart:
            if byte == .carriageReturn {
                state = .lastLineFeed
                return false
            }
            guard byte.isToken else { throw HTTP1Refusal.field(start: byte) }
            fields += 1
            guard fields <= HTTP1Parser.mostFields else { throw .trailerTooLarge }
            state = .name
        case .name:
            if byte == UInt8(ascii: ":") {
                state = .value
            } else if !byte.isToken {
                throw HTTP1Refusal.field(name: byte)
            }
        case .value:
            if byte == .carriageReturn {
                state = .valueLineFeed
            } else if byte < .space && byte != .tab || byte == .delete {
                throw byte == .lineFeed ? .bareLineFeed : .valueBytes
            }
        case .valueLineFeed, .lastLineFeed:
            guard byte == .lineFeed else { throw .bareCarriageReturn }
            if state == .lastLineFeed { return true }
            state = .lineStart
        }
        return false
    }
}
