// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc

/// The server's end of a connection; every call blocks, so it is used on a thread of its own.
final class Peer {
    /// The other end is gone.
    struct Gone: Error {}

    /// How many connections came before this one.
    let number: Int
    private let descriptor: Int32
    private let tls: OpaquePointer?
    private var rest: [UInt8] = []
    private var isClosed = false

    init(_ descriptor: Int32, number: Int, tls: OpaquePointer? = nil) {
        self.descriptor = descriptor
        self.number = number
        self.tls = tls
    }

    deinit { close() }

    /// Reads a head up to its empty line; throws when the other end is gone before.
    func readHead() throws -> RequestHead {
        while true {
            if let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) {
                defer { rest.removeFirst(end.upperBound) }
                return RequestHead(String(decoding: rest[..<end.lowerBound], as: UTF8.self))
            }
            try readMore()
        }
    }

    /// Reads exactly so many bytes.
    func read(_ count: Int) throws -> [UInt8] {
        while rest.count < count { try readMore() }
        defer { rest.removeFirst(count) }
        return Array(rest.prefix(count))
    }

    /// Reads a head and a body of known length or in chunks.
    func readRequest() throws -> (head: RequestHead, body: [UInt8]) {
        let head = try readHead()
        guard head["Transfer-Encoding"] == nil else { return (head, try readChunks()) }
        return (head, try read(head["Content-Length"].flatMap { Int($0) } ?? 0))
    }

    /// Reads until the other end has nothing more to say, and counts.
    func readToEnd() -> Int {
        var count = rest.count
        rest = []
        while (try? readMore()) != nil {
            count += rest.count
            rest = []
        }
        return count
    }

    func write(_ text: String) throws { try write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                let part = UnsafeRawBufferPointer(rebasing: bytes[offset...])
                return tls.map { Int(SSL_write($0, part.baseAddress, Int32(part.count))) }
                    ?? send(descriptor, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Gone() }
            offset += count
        }
    }

    /// Writes an answer with a body of known length.
    func answer(_ status: Int, _ fields: [String] = [], body: [UInt8] = []) throws {
        let lines = ["HTTP/1.1 \(status) Some Words", "Content-Length: \(body.count)"] + fields
        try write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }

    /// Writes as much as goes without waiting for longer than half a second, and says how much that was.
    func writeUntilBlocked(_ bytes: [UInt8]) -> Int {
        var limit = timeval(tv_sec: 0, tv_usec: 500_000)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        defer {
            limit = timeval()
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress.map { $0 + offset }, $0.count - offset, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            offset += count
        }
        return offset
    }

    /// Lets time pass; throws when the other end is gone by then.
    func pause(milliseconds: Int32) throws {
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waited, 1, milliseconds) == 0 else { throw Gone() }
    }

    /// The client's end of a connection to a server of the tests.
    static func connected(toPort port: UInt16) throws -> Peer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw Gone() }
        return Peer(descriptor, number: 0)
    }

    /// Passes on what comes here to another connection, until either ends.
    func relay(to other: Peer) -> @Sendable () -> Void {
        let (from, to, first) = (descriptor, other.descriptor, rest)
        rest = []
        return {
            var bytes = first
            repeat {
                guard send(to, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { break }
                bytes = Array(unsafeUninitializedCapacity: 64 << 10) { space, count in
                    count = max(0, recv(from, space.baseAddress, space.count, 0))
                }
            } while !bytes.isEmpty
            shutdown(to, Int32(SHUT_RDWR))
            shutdown(from, Int32(SHUT_RDWR))
        }
    }

    /// Closes the connection as is proper: over TLS with a close_notify.
    func close() {
        guard !isClosed else { return }
        if let tls { SSL_shutdown(tls) }
        cut()
    }

    /// Closes the connection without a word.
    func cut() {
        guard !isClosed else { return }
        isClosed = true
        if let tls { SSL_free(tls) }
        Glibc.close(descriptor)
    }

    private func readMore() throws {
        let piece = Array<UInt8>(unsafeUninitializedCapacity: 64 << 10) { space, count in
            let got =
                tls.map { Int(SSL_read($0, space.baseAddress, Int32(space.count))) }
                ?? recv(descriptor, space.baseAddress, space.count, 0)
            count = max(0, got)
        }
        guard !piece.isEmpty else { throw Gone() }
        rest += piece
    }

    private func readChunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            while rest.firstRange(of: Array("\r\n".utf8)) == nil { try readMore() }
            let line = rest.prefix { $0 != UInt8(ascii: "\r") }
            let size = Int(String(decoding: line, as: UTF8.self), radix: 16) ?? 0
            rest.removeFirst(line.count + 2)
            body += try read(size)
            _ = try read(2)
            if size == 0 { return body }
        }
    }
}

/// A request as it came.
struct RequestHead: Sendable {
    /// The lines, the first one being the request line.
    let lines: [String]

    init(_ text: String) {
        lines = text.split(separator: "\r\n").map(String.init)
    }

    var method: String { String(lines[0].prefix { $0 != " " }) }
    var target: String { lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? "" }

    /// The value of a field.
    subscript(name: String) -> String? {
        let line = lines.dropFirst().first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
        return line.map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
}
