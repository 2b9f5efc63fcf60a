// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A listening socket.
struct ListeningSocket: Sendable {
    let descriptor: Int32
    let isTCP: Bool
    /// The address with the assigned port.
    let address: ListenAddress

    private static let queueLength: Int32 = 4096

    /// Binds to an address and starts listening.
    static func open(_ address: ListenAddress) throws -> ListeningSocket {
        switch address {
        case .tcp("*", let port):
            return try bindAny(port, address)
        case .tcp(let host, let port): return try resolve(host, port, address)
        case .unix(let path): return try bind(unix(path, address), AF_UNIX, address)
        case .inherited(let descriptor): return try inherit(descriptor, address)
        }
    }

    private static func inherit(_ descriptor: Int32, _ address: ListenAddress) throws(ListenError) -> Self {
        var isListening: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0 else {
            throw ListenError(address: address, code: errno)
        }
        // accept(2) would fail with the same error repeatedly.
        guard isListening == 1 else { throw ListenError(address: address, code: EINVAL) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        let bound = SocketAddress(boundTo: descriptor)
        if bound.isIP { set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1) }
        return ListeningSocket(descriptor: descriptor, isTCP: bound.isIP, address: bound.listenAddress ?? address)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Binds an IPv6 socket that also accepts IPv4 clients; without IPv6 on the machine, an IPv4 socket.
    private static func bindAny(_ port: Int, _ address: ListenAddress) throws -> Self {
        do {
            return try bind(any(AF_INET6, port), AF_INET6, address)
        } catch {
            guard [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.code) else { throw error }
            return try bind(any(AF_INET, port), AF_INET, address)
        }
    }

    private static func resolve(_ host: String, _ port: Int, _ address: ListenAddress) throws(ListenError) -> Self {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let first = found else {
            throw ListenError(address: address, code: 0)
        }
        defer { freeaddrinfo(found) }
        var next: UnsafeMutablePointer<addrinfo>? = first
        var failure = ListenError(address: address, code: 0)
        while let info = next {
            next = info.pointee.ai_next
            guard let socketAddress = info.pointee.ai_addr else { continue }
            let storage = SocketAddress(copying: socketAddress, length: info.pointee.ai_addrlen)
            do {
                return try bind(storage, info.pointee.ai_family, address)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private static func bind(
        _ socketAddress: SocketAddress,
        _ family: Int32,
        _ address: ListenAddress
    ) throws(ListenError) -> Self {
        let descriptor = linux_socket(family)
        guard descriptor >= 0 else { throw ListenError(address: address, code: errno) }
        let isTCP = family != AF_UNIX
        if isTCP {
            set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            // Accepted sockets inherit this option.
            set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            if family == AF_INET6 { set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, address.isAny ? 0 : 1) }
        }
        let isBound = socketAddress.withPointer { Glibc.bind(descriptor, $0, $1) } == 0
        guard isBound, listen(descriptor, queueLength) == 0 else {
            let code = errno
            close(descriptor)
            throw ListenError(address: address, code: code)
        }
        let bound = SocketAddress(boundTo: descriptor)
        guard case .tcp(let host, _) = address, let port = bound.port else {
            return ListeningSocket(descriptor: descriptor, isTCP: isTCP, address: address)
        }
        return ListeningSocket(descriptor: descriptor, isTCP: isTCP, address: .tcp(host: host, port: port))
    }

    private static func any(_ family: Int32, _ port: Int) -> SocketAddress {
        SocketAddress(anyOf: family, port: UInt16(truncatingIfNeeded: port))
    }

    private static func unix(_ path: String, _ address: ListenAddress) throws(ListenError) -> SocketAddress {
        guard let socketAddress = SocketAddress(path: path) else {
            throw ListenError(address: address, code: ENAMETOOLONG)
        }
        return socketAddress
    }
}

extension ListenAddress {
    fileprivate var isAny: Bool {
        if case .tcp("*", _) = self { true } else { false }
    }
}
