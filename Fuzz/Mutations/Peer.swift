// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc

/// Why a conversation is a failure of the server.
struct Complaint: Error {
    let text: String
}

/// A client's end of a connection, which never waits for ever.
final class Peer {
    private static let patience = timeval(tv_sec: 30, tv_usec: 0)

    private let socket: Int32
    private var isOpen = true
    /// Whether the server has ended or reset the connection.
    private(set) var isOver = false
    private var space = [UInt8](repeating: 0, count: 64 << 10)

    /// Connects from one of many addresses of this machine, since each has only so many ports.
    init(port: Int, from number: UInt64) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Complaint(text: "no socket: error \(errno)") }
        var (patience, one) = (Self.patience, Int32(1))
        setsockopt(socket, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, &one, 4)
        let own = in_addr_t(0x7F00_0002 + UInt32(number % 200))
        let isConnected =
            Self.with(own, 0) { bind(socket, $0, $1) == 0 }
            && Self.with(0x7F00_0001, UInt16(port)) { connect(socket, $0, $1) == 0 }
        let code = errno
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        guard isConnected else {
            close()
            throw Complaint(text: "no connection: error \(code)")
        }
    }

    private static func with<Value>(
        _ address: in_addr_t,
        _ port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        var socketAddress = sockaddr_in()
        socketAddress.sin_family = sa_family_t(AF_INET)
        socketAddress.sin_port = port.bigEndian
        socketAddress.sin_addr.s_addr = address.bigEndian
        return withUnsafePointer(to: &socketAddress) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { close() }

    func send(_ bytes: some Collection<UInt8>) throws {
        var rest = Array(bytes)[...]
        while !rest.isEmpty, !isOver {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                throw Complaint(text: "the server neither reads nor ends the connection")
            } else if errno != EINTR {
                isOver = true
            }
        }
    }

    /// Sends bytes in a few pieces that begin and end anywhere.
    func send(_ bytes: [UInt8], _ random: inout SplitMix64) throws {
        var start = 0
        for _ in 0..<random.number(below: 4) where start < bytes.count {
            let end = start + random.number(below: bytes.count - start + 1)
            try send(bytes[start..<end])
            start = end
        }
        try send(bytes[start...])
    }

    /// Waits for more bytes; none when the connection is over.
    func receive() throws -> [UInt8] {
        while !isOver {
            let count = recv(socket, &space, space.count, 0)
            if count > 0 { return Array(space[..<count]) }
            guard count == 0 || errno != EAGAIN else {
                throw Complaint(text: "the server neither answers nor ends the connection")
            }
            if count == 0 || errno != EINTR { isOver = true }
        }
        return []
    }

    /// Whether something comes within a time.
    func isReadable(milliseconds: Int32) -> Bool {
        var wanted = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&wanted, 1, milliseconds) > 0
    }

    func receiveToEnd() throws -> [UInt8] {
        var all: [UInt8] = []
        while !isOver { all += try receive() }
        return all
    }

    /// Goes; whether there is something to hear still.
    func leave(_ departure: Departure) -> Bool {
        switch departure {
        case .halfClose:
            shutdown(socket, Int32(SHUT_WR))
            return true
        case .close: close()
        case .reset:
            var option = Glibc.linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout.size(ofValue: option)))
            close()
        }
        return false
    }

    private func close() {
        guard isOpen else { return }
        isOpen = false
        isOver = true
        Glibc.close(socket)
    }
}

/// The client's side of TLS in memory: its records are in the caller's hands.
final class RecordLayer {
    private let ssl: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    private var space = [UInt8](repeating: 0, count: 64 << 10)

    /// A context for many connections.
    static func makeContext(_ name: String) -> OpaquePointer? {
        let context = SSL_CTX_new(TLS_client_method())
        let offer = [UInt8(name.utf8.count)] + Array(name.utf8)
        SSL_CTX_set_alpn_protos(context, offer, UInt32(offer.count))
        return context
    }

    init?(_ context: OpaquePointer?) {
        guard let ssl = SSL_new(context), let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem())
        else {
            return nil
        }
        (self.ssl, self.incoming, self.outgoing) = (ssl, incoming, outgoing)
        SSL_set_bio(ssl, incoming, outgoing)
        SSL_set_connect_state(ssl)
    }

    deinit { SSL_free(ssl) }

    var isHandshakeDone: Bool { SSL_is_init_finished(ssl) == 1 }

    /// One step of the handshake; false when it has failed.
    func handshake() -> Bool {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        return result == 1 || SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ
    }

    func write(_ bytes: [UInt8]) {
        ERR_clear_error()
        if !bytes.isEmpty { SSL_write(ssl, bytes, Int32(bytes.count)) }
    }

    func closeNotify() { SSL_shutdown(ssl) }

    /// The records that are to be sent.
    func takeRecords() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let count = BIO_read(outgoing, &space, Int32(space.count))
            guard count > 0 else { return all }
            all += space[..<Int(count)]
        }
    }

    /// Takes records that came, and gives what is in them.
    func read(_ records: [UInt8]) -> [UInt8] {
        if !records.isEmpty { BIO_write(incoming, records, Int32(records.count)) }
        guard isHandshakeDone else { return [] }
        var all: [UInt8] = []
        while true {
            ERR_clear_error()
            let count = SSL_read(ssl, &space, Int32(space.count))
            guard count > 0 else { return all }
            all += space[..<Int(count)]
        }
    }
}
