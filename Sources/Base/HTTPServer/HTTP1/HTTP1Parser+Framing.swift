// SPDX-License-Identifier: Apache-2.0

/// How the end of a request's body is found (RFC 9112, section 6.3).
enum BodyFraming: Hashable, Sendable {
    case none
    /// So many bytes; possibly none.
    case length(Int64)
    case chunked
}

/// What becomes of a connection behind an answer (RFC 9112, section 9.3).
enum Persistence: Hashable, Sendable {
    /// It goes on, as it does in HTTP/1.1.
    case persistent
    /// It goes on, and the answer must say so, to a client of HTTP/1.0.
    case keptAlive
    /// It ends, and the answer says so.
    case closes
}

extension HTTP1Parser {
    struct Tally {
        var hasHost = false
        var length: Int64?
        var hasCodings = false
        var isChunked = false
        var hasOtherCoding = false
        var saysClose = false
        var saysKeepAlive = false
        var saysContinue = false
    }

    /// RFC 9112, section 3.2: exactly one, also in HTTP/1.0 not two.
    mutating func noteHost(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(HTTP1Refusal) {
        guard !tally.hasHost else { throw .severalHosts }
        guard bytes.isHost(value) else { throw .badHost }
        tally.hasHost = true
    }

    /// RFC 9110, section 10.1.1.
    mutating func noteExpectation(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(HTTP1Refusal) {
        guard bytes.matches("100-continue", in: value) else { throw .expectation }
        known.insert(.expect)
        tally.saysContinue = true
    }

    /// RFC 9110, section 7.6.1; an upgrade is not offered, so that one that is asked for is ignored (section 7.8).
    mutating func noteConnection(_ value: Range<Int>, _ bytes: Span<UInt8>) {
        bytes.forEachElement(of: value) { option in
            if bytes.matches("close", in: option) { tally.saysClose = true }
            if bytes.matches("keep-alive", in: option) { tally.saysKeepAlive = true }
        }
    }

    /// RFC 9110, section 8.6; a list of equal numbers may be refused, and is.
    mutating func noteLength(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(HTTP1Refusal) {
        guard tally.length == nil else { throw .severalLengths }
        guard !value.isEmpty else { throw .badLength }
        var length: Int64 = 0
        var isTooLarge = false
        for index in value {
            guard bytes[index].isDigit else { throw .badLength }
            let (product, overflows) = length.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = product.addingReportingOverflow(Int64(bytes[index] - 0x30))
            isTooLarge = isTooLarge || overflows || overflowsToo
            length = sum
        }
        guard !isTooLarge else { throw .lengthTooLarge }
        tally.length = length
    }

    /// RFC 9112, sections 6.1 and 7: several fields are one list, of which nothing but one `chunked` is taken.
    mutating func noteCodings(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(HTTP1Refusal) {
        tally.hasCodings = true
        try bytes.forEachElement(of: value) { coding throws(HTTP1Refusal) in
            // What follows `chunked` makes it one that is not last, or is there twice.
            guard !coding.isEmpty, !tally.isChunked else { throw .badCoding }
            if bytes.matches("chunked", in: coding) { tally.isChunked = true } else { tally.hasOtherCoding = true }
        }
    }

    /// Concludes from all fields together.
    mutating func judgeFields(_ bytes: Span<UInt8>) throws(HTTP1Refusal) {
        guard tally.hasHost || version == .http1_0 else { throw .noHost }
        framing = .none
        if tally.hasCodings {
            guard version != .http1_0 else { throw .codingInHTTP10 }
            guard tally.length == nil else { throw .lengthAndCoding }
            guard !tally.hasOtherCoding else { throw .otherCoding }
            framing = .chunked
        } else if let length = tally.length {
            framing = .length(length)
        }
        if tally.saysClose {
            persistence = .closes
        } else if version == .http1_0 {
            persistence = tally.saysKeepAlive ? .keptAlive : .closes
        } else {
            persistence = .persistent
        }
        // A client of HTTP/1.0 cannot wait, and one without content has nothing to wait with (RFC 9110, section 10.1.1).
        expectsContinue = tally.saysContinue && version != .http1_0 && framing != .none && framing != .length(0)
    }
}
