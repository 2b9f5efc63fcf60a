// SPDX-License-Identifier: Apache-2.0

import CLinux
import COpenSSL
import Glibc

@testable import HTTPServer

/// A client that says exactly what a test wants, over a plain socket or TLS, and never waits for ever.
final class Client {
    enum Failure: Error, Equatable {
        /// Nothing came, or nothing could be sent, for a long time.
        case timeout
        /// The server reset the connection.
        case reset
        /// The connection ended in the middle of an answer.
        case broken
        /// What came is no answer.
        case nonsense(String)
        case system(Int32)
        case tls(String)
    }

    /// How much is received at a time: a client that took all that comes meanwhile would never be behind.
    private static let pieceSize = 64 << 10

    let socket: Int32
    fileprivate(set) var tls: TLSClient?
    /// What was received and not yet looked at.
    var unread: [UInt8] = []
    var isEnded = false
    private var isOpen = true
    /// How long it waits for the server.
    var patienceMilliseconds = Int32(patience) * 1000

    /// Takes a socket that is connected already.
    init(socket: Int32) {
        self.socket = socket
        _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
    }

    /// Connects to an address of this machine; `receiveBuffer` bounds what the kernel takes for a client that does not read.
    convenience init(_ address: ListenAddress, receiveBuffer: Int32? = nil) throws {
        let target: SocketAddress
        let family: Int32
        switch address {
        case .unix(let path): (target, family) = (try made(SocketAddress(path: path)), AF_UNIX)
        case .tcp(let host, let port): (target, family) = try Self.numeric(host, port)
        case .inherited: throw Failure.nonsense("no address to connect to")
        }
        let socket = Glibc.socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Failure.system(errno) }
        if var receiveBuffer { setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, 4) }
        if family != AF_UNIX {
            var one: Int32 = 1
            setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        }
        guard target.withPointer({ connect(socket, $0, $1) }) == 0 else {
            let code = errno
            Glibc.close(socket)
            throw Failure.system(code)
        }
        self.init(socket: socket)
    }

    deinit { close() }

    fileprivate static func numeric(_ host: String, _ port: Int) throws -> (SocketAddress, Int32) {
        if host.contains(":") {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = UInt16(port).bigEndian
            guard inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else { throw Failure.nonsense(host) }
            return (SocketAddress(copyingBytesOf: address), AF_INET6)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { throw Failure.nonsense(host) }
        return (SocketAddress(copyingBytesOf: address), AF_INET)
    }

    /// Makes the connection one over TLS.
    func handshake(_ options: TLSClient.Options = .init(protocols: ["http/1.1"])) throws {
        let tls = try TLSClient(socket: socket, options)
        self.tls = tls
        while true {
            tls.handshake()
            if tls.isHandshakeDone { return }
            if let failure = tls.failure { throw Failure.tls(failure) }
            try wait(for: POLLIN)
        }
    }

    // MARK: Sending

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try sendSome(Array(rest.prefix(1 << 14)))
            rest = rest.dropFirst(count)
            if count == 0 { try wait(for: POLLOUT) }
        }
    }

    /// How many bytes the system takes at once.
    func sendSome(_ bytes: [UInt8]) throws -> Int {
        if let tls {
            let count = tls.write(bytes)
            if let failure = tls.failure { throw failure == "the socket" ? Failure.reset : Failure.tls(failure) }
            return count
        }
        let count = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        if count >= 0 { return count }
        guard errno == EAGAIN else { throw errno == EPIPE || errno == ECONNRESET ? Failure.reset : .system(errno) }
        return 0
    }

    /// Sends as long as the system takes something within a moment; returns how much it took.
    func sendUntilBlocked(_ bytes: [UInt8], atMost limit: Int) throws -> Int {
        var (sent, offset) = (0, 0)
        while sent < limit {
            let count = try sendSome(Array(bytes[offset..<min(bytes.count, offset + 1 << 14)]))
            sent += count
            offset = (offset + count) % bytes.count
            guard count == 0 else { continue }
            guard isReady(for: POLLOUT, milliseconds: 500) else { break }
        }
        return sent
    }

    // MARK: Receiving

    /// Receives a piece into `unread`; false at the end of the connection.
    func receive() throws -> Bool {
        while !isEnded {
            let bytes = try receiveSome()
            if isEnded { return false }
            if !bytes.isEmpty {
                unread += bytes
                return true
            }
            try wait(for: POLLIN)
        }
        return false
    }

    private func receiveSome() throws -> [UInt8] {
        if let tls {
            let bytes = tls.read(atMost: Self.pieceSize)
            if bytes.isEmpty {
                if tls.isEnded { isEnded = true }
                if let failure = tls.failure { throw failure == "the socket" ? Failure.reset : .tls(failure) }
            }
            return bytes
        }
        var bytes = [UInt8](repeating: 0, count: Self.pieceSize)
        let count = recv(socket, &bytes, bytes.count, 0)
        if count > 0 { return Array(bytes[..<count]) }
        if count == 0 { isEnded = true } else if errno == ECONNRESET { throw Failure.reset }
        if count < 0, errno != EAGAIN { throw Failure.system(errno) }
        return []
    }

    /// Everything up to the end; a reset is an end, too.
    func receiveToEnd() throws -> [UInt8] {
        do {
            while try receive() {}
        } catch Failure.reset {}
        defer { unread = [] }
        return unread
    }

    /// Whether the server has ended or reset the connection, and sends nothing before.
    func isClosedByServer() throws -> Bool {
        do {
            return try !receive()
        } catch Failure.reset {
            return true
        } catch Failure.tls(_) {
            return true
        }
    }

    /// Whether the server says something, or ends, within a time; what TLS says for itself does not count.
    func hears(milliseconds: Int32) throws -> Bool {
        while unread.isEmpty, !isEnded {
            guard isReady(for: POLLIN, milliseconds: milliseconds) else { return false }
            unread += try receiveSome()
        }
        return true
    }

    /// Whether something can be done within a time.
    func isReady(for event: Int32, milliseconds: Int32) -> Bool {
        var wanted = pollfd(fd: socket, events: Int16(event), revents: 0)
        return poll(&wanted, 1, milliseconds) > 0
    }

    /// How a slow client is slow: nothing else in a test may take a fixed time.
    func dawdle(milliseconds: Int32) { poll(nil, 0, milliseconds) }

    private func wait(for event: Int32) throws {
        guard isReady(for: event, milliseconds: patienceMilliseconds) else { throw Failure.timeout }
    }

    // MARK: Ending

    /// Says that nothing more will be sent.
    func halfClose() {
        tls?.sendCloseNotify()
        shutdown(socket, Int32(SHUT_WR))
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        tls = nil
        Glibc.close(socket)
    }

    /// Ends the connection by a reset.
    func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close()
    }
}

extension SocketAddress {
    fileprivate init<Address>(copyingBytesOf address: Address) {
        self = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                SocketAddress(copying: $0, length: socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}

extension Client {
    /// Connects a socket that was made before.
    convenience init(connecting socket: Int32, to address: ListenAddress) throws {
        guard case .tcp(let host, let port) = address else { throw Failure.nonsense("no port") }
        let target = try Self.numeric(host, port).0
        guard target.withPointer({ connect(socket, $0, $1) }) == 0 else { throw Failure.system(errno) }
        self.init(socket: socket)
    }

    /// Drops the TLS of this side without a word to the other.
    func forgetTLS() { tls = nil }
}
