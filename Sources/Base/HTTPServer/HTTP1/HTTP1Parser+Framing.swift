// SPDX-License-Identifier: Apache-2.0

/// The framing of a request body (RFC 9112, section 6.3).
enum BodyFraming: Hashable, Sendable {
    case none
    /// The number of bytes, possibly 0.
    case length(Int64)
    case chunked
}

/// The state of a connection after a response (RFC 9112, section 9.3).
enum Persistence: Hashable, Sendable {
    /// The connection persists, as is the default in HTTP/1.1.
    case persistent
    /// The connection persists, which the response must state for an HTTP/1.0 client.
    case keptAlive
    /// The connection closes, and the response states so.
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

    /// Accepts exactly one `Host`, and in HTTP/1.0 at most one (RFC 9112, section 3.2).
    mutating func noteHost(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(HTTP1Refusal) {
        guard !tally.hasHost else { throw .severalHosts }
        guard bytes.isHost(value) else { throw .badHost }
        tally.hasHost = true
    }

    /// Accepts only `100-continue` (RFC 9110, section 10.1.1).
    mutating func noteExpectation(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(HTTP1Refusal) {
        guard bytes.matches("100-continue", in: value) else { throw .expectation }
        known.insert(.expect)
        tally.saysContinue = true
    }

    /// Reads connection options (RFC 9110, section 7.6.1); ignores upgrade requests, because no upgrade is offered (section 7.8).
    mutating func noteConnection(_ value: Range<Int>, _ bytes: Span<UInt8>) {
        bytes.forEachElement(of: value) { option in
            if bytes.matches("close", in: option) { tally.saysClose = true }
            if bytes.matches("keep-alive", in: option) { tally.saysKeepAlive = true }
        }
    }

    /// Accepts a single number; a list of equal numbers may be rejected, and is (RFC 9110, section 8.6).
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

    /// Accepts only a single `chunked`; several fields form one list (RFC 9112, sections 6.1 and 7).
    mutating func noteCodings(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(HTTP1Refusal) {
        tally.hasCodings = true
        try bytes.forEachElement(of: value) { coding throws(HTTP1Refusal) in
            // Any coding after `chunked` means that `chunked` is not last or is repeated.
            guard !coding.isEmpty, !tally.isChunked else { throw .badCoding }
            if bytes.matches("chunked", in: coding) { tally.isChunked = true } else { tally.hasOtherCoding = true }
        }
    }

    /// Evaluates the combination of all fields.
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
        // An HTTP/1.0 client cannot wait for `100 Continue`, and a request without content has no reason to (RFC 9110, section 10.1.1).
        expectsContinue = tally.saysContinue && version != .http1_0 && framing != .none && framing != .length(0)
    }
}
