// SPDX-License-Identifier: Apache-2.0

/// Field lines (RFC 9112, section 5).
extension HTTP1Parser {
    /// Parses the fields between the request line and the end of the empty line after them.
    mutating func readFields(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(HTTP1Refusal) {
        fields.removeAll(keepingCapacity: true)
        known = []
        authorization = 0..<0
        tally = Tally()
        var index = start
        while index < end - 2 {
            let (field, lineEnd) = try bytes.field(at: index, before: end)
            guard fields.count < Self.mostFields else { throw .headTooLarge }
            fields.append(field)
            try note(field, bytes)
            index = lineEnd
        }
    }

    /// Evaluates the fields that the server itself needs, dispatched by the length of the name.
    private mutating func note(_ field: Field, _ bytes: Span<UInt8>) throws(HTTP1Refusal) {
        let name = field.name
        switch name.count {
        case 4 where bytes.matches("host", in: name): try noteHost(field.value, bytes)
        case 5 where bytes.matches("range", in: name): insert(.range)
        case 6 where bytes.matches("expect", in: name): try noteExpectation(field.value, bytes)
        case 6 where bytes.matches("cookie", in: name): known.insert(.cookie)
        case 8 where bytes.matches("if-match", in: name), 8 where bytes.matches("if-range", in: name),
            13 where bytes.matches("if-none-match", in: name), 17 where bytes.matches("if-modified-since", in: name),
            19 where bytes.matches("if-unmodified-since", in: name):
            known.insert(.condition)
        case 9 where bytes.matches("forwarded", in: name): known.insert(.forwarded)
        case 10 where bytes.matches("connection", in: name): noteConnection(field.value, bytes)
        case 13 where bytes.matches("authorization", in: name):
            if !known.contains(.authorization) { authorization = field.value }
            insert(.authorization)
        case 14 where bytes.matches("content-length", in: name): try noteLength(field.value, bytes)
        case 17 where bytes.matches("transfer-encoding", in: name): try noteCodings(field.value, bytes)
        case 13... where bytes.matches("x-forwarded-", in: name.lowerBound..<name.lowerBound + 12):
            known.insert(.forwarded)
        default: break
        }
    }

    /// Notes a field that may occur only once.
    private mutating func insert(_ field: HeadView.Fields) {
        if known.contains(field) { known.insert(.ambiguous) }
        known.insert(field)
    }
}

extension Span<UInt8> {
    /// Parses the field line at an index; returns the field and the end of its line.
    ///
    /// The range up to `end` ends with CR LF, and every LF in it follows a CR.
    @inline(__always)
    func field(at start: Int, before end: Int) throws(HTTP1Refusal) -> (HTTP1Parser.Field, lineEnd: Int) {
        var index = start
        while index < end, self[index].isToken { index += 1 }
        guard index > start, index < end, self[index] == UInt8(ascii: ":") else { throw refusalOfName(start..<index) }
        let name = start..<index
        index += 1
        let valueStart = index
        index = firstControl(in: index..<end)
        while index < end, self[index] == .tab { index = firstControl(in: index + 1..<end) }
        guard index + 1 < end, self[index] == .carriageReturn else { throw .valueBytes }
        guard self[index + 1] == .lineFeed else { throw .bareCarriageReturn }
        return (HTTP1Parser.Field(name: name, value: trimmed(valueStart..<index)), index + 2)
    }

    /// Returns the refusal for a line whose token is not followed by a colon.
    private func refusalOfName(_ token: Range<Int>) -> HTTP1Refusal {
        let byte = self[token.upperBound]
        if byte == .carriageReturn, self[token.upperBound + 1] != .lineFeed { return .bareCarriageReturn }
        return token.isEmpty ? .field(start: byte) : .field(name: byte)
    }
}
