// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// The head of the request that is being received, in reusable memory (RFC 9113, section 8.3).
///
/// The library validates the syntax and order of the fields. Heads that it accepts but HTTP/1.1 rejects are rejected here with the same
/// message.
struct HTTP2Head: ~Copyable {
    /// The maximum size of names and values; each field counts four more bytes, as in HTTP/1.1.
    static let longest = 16 * 1024
    static let mostFields = 200
    private static let usualSize = 1024

    struct Field {
        let name: Range<Int>
        let value: Range<Int>
    }

    private(set) var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: usualSize, alignment: 8)
    private var used = 0
    private var size = 0
    private(set) var fields: [Field] = []
    private(set) var method = 0..<0
    private(set) var path = 0..<0
    private(set) var authority = 0..<0
    private(set) var host = 0..<0
    private(set) var authorization = 0..<0
    var known: HeadView.Fields = []
    private(set) var contentLength: Int64?
    private(set) var cookies = 0
    /// The first problem found in the fields.
    private var problem: HTTP1Refusal?
    /// Whether the fields are a trailer, which is ignored.
    private var isTrailer = false

    deinit { memory.deallocate() }

    /// Starts the next head.
    mutating func begin(isTrailer: Bool) {
        if memory.count > 4 * Self.usualSize { resize(to: Self.usualSize) }
        if fields.capacity > 64 { fields = [] }
        fields.removeAll(keepingCapacity: true)
        used = 0
        size = 0
        method = 0..<0
        path = 0..<0
        authority = 0..<0
        host = 0..<0
        authorization = 0..<0
        known = []
        contentLength = nil
        cookies = 0
        problem = nil
        self.isTrailer = isTrailer
    }

    /// Adds a field or pseudo-field.
    mutating func add(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        guard !isTrailer, problem == nil else { return }
        size += name.count + value.count + 4
        if name.equals(":path"), value.count > HTTP1Parser.longestTarget { return problem = .targetTooLong }
        guard size <= Self.longest else { return problem = .headTooLarge }
        guard name.first != UInt8(ascii: ":") else { return addPseudoField(name, value) }
        guard fields.count < Self.mostFields else { return problem = .headTooLarge }
        let field = Field(name: store(name), value: store(value))
        fields.append(field)
        note(name, field)
    }

    private mutating func addPseudoField(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        switch name.count {
        case 5 where name.equals(":path"): path = store(value)
        case 7 where name.equals(":method"): method = store(value)
        case 10 where name.equals(":authority"): authority = store(value)
        // The connection determines the scheme more reliably than `:scheme`.
        default: break
        }
    }

    private mutating func store(_ bytes: UnsafeRawBufferPointer) -> Range<Int> {
        if used + bytes.count > memory.count { resize(to: max(memory.count * 2, used + bytes.count)) }
        let range = used..<used + bytes.count
        UnsafeMutableRawBufferPointer(rebasing: memory[range]).copyMemory(from: bytes)
        used = range.upperBound
        return range
    }

    private mutating func resize(to size: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<min(used, size)]))
        memory.deallocate()
        memory = larger
    }

    /// Evaluates the fields that the server itself needs, dispatched by the length of the name.
    private mutating func note(_ name: UnsafeRawBufferPointer, _ field: Field) {
        switch name.count {
        case 4 where name.equals("host"): host = field.value
        case 5 where name.equals("range"): insert(.range)
        case 6 where name.equals("expect"): known.insert(.expect)
        case 6 where name.equals("cookie"):
            known.insert(.cookie)
            cookies += 1
        case 8 where name.equals("if-match"), 8 where name.equals("if-range"), 13 where name.equals("if-none-match"),
            17 where name.equals("if-modified-since"), 19 where name.equals("if-unmodified-since"):
            known.insert(.condition)
        case 9 where name.equals("forwarded"): known.insert(.forwarded)
        case 13 where name.equals("authorization"):
            if !known.contains(.authorization) { authorization = field.value }
            insert(.authorization)
        case 14 where name.equals("content-length"): contentLength = Int64(text(field.value))
        case 13... where UnsafeRawBufferPointer(rebasing: name[..<12]).equals("x-forwarded-"): known.insert(.forwarded)
        default: break
        }
    }

    /// Notes a field that may occur only once.
    private mutating func insert(_ field: HeadView.Fields) {
        if known.contains(field) { known.insert(.ambiguous) }
        known.insert(field)
    }

    func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[range])
    }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes(range), as: UTF8.self) }
}

extension HTTP2Head {
    /// Returns the reason to reject the request; the library ensures that the method, path and host are present.
    func refusal() -> HTTP1Refusal? {
        if let problem { return problem }
        guard method.count <= HTTP1Parser.longestMethod else { return .methodTooLong }
        let isOptions = bytes(method).equals("OPTIONS")
        guard !bytes(method).equals("CONNECT") else { return .noTunnel }
        if let problem = refusalOfPath(isOptions: isOptions) { return problem }
        return refusalOfHost() ?? refusalOfExpectation()
    }

    private func refusalOfPath(isOptions: Bool) -> HTTP1Refusal? {
        let path = bytes(path)
        for byte in path {
            guard byte &- 0x21 < 0x5E else { return .targetBytes }
            guard byte != UInt8(ascii: "#") else { return .targetFragment }
        }
        return path.first == UInt8(ascii: "/") || isOptions && path.equals("*") ? nil : .targetForm
    }

    private func refusalOfHost() -> HTTP1Refusal? {
        let name = bytes(authority.isEmpty ? host : authority)
        guard name.withMemoryRebound(to: UInt8.self, { $0.span.isHost(0..<$0.count) }) else { return .badHost }
        // Two different hosts could mislead an intermediary (RFC 9113, section 8.3.1).
        guard host.isEmpty || authority.isEmpty || bytes(host).equalsIgnoringCase(name) else { return .severalHosts }
        return nil
    }

    private func refusalOfExpectation() -> HTTP1Refusal? {
        guard known.contains(.expect) else { return nil }
        let areFine = fields.allSatisfy {
            !bytes($0.name).equals("expect") || bytes($0.value).equalsIgnoringCase("100-continue")
        }
        return areFine ? nil : .expectation
    }
}

extension UnsafeRawBufferPointer {
    @inline(__always)
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index] != text.utf8Start[index] { return false }
        return true
    }

    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        equalsIgnoringCase(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    func equalsIgnoringCase(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index].lowercased != other[index].lowercased { return false }
        return true
    }
}

extension UInt8 {
    /// The byte with ASCII capitals mapped to lower case.
    fileprivate var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}
