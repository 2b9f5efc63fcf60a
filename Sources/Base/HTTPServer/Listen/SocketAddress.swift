// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A socket address for system calls.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length: socklen_t

    /// Copies an address from another call.
    init(copying address: UnsafePointer<sockaddr>, length: socklen_t) {
        self.length = min(length, socklen_t(MemoryLayout<sockaddr_storage>.size))
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(self.length)))
        }
    }

    /// Creates the wildcard address of a family.
    init(anyOf family: Int32, port: UInt16) {
        if family == AF_INET6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: sockaddr_in6.self) }
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: sockaddr_in.self) }
        }
    }

    /// Creates the address of a file system path; returns nil when the path is too long.
    init?(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        length = socklen_t(MemoryLayout<sockaddr_un>.size)
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: sockaddr_un.self) }
    }

    /// Reads the address to which a socket is bound.
    init(boundTo descriptor: Int32) {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var size = length
        _ = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        length = size
    }

    /// Accepts a connection and its client's address; returns nil and sets `errno` when there is none.
    static func accept(_ listener: Int32) -> (descriptor: Int32, client: SocketAddress)? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let descriptor = linux_accept(listener, &storage, &length)
        guard descriptor >= 0 else { return nil }
        return withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                (descriptor, SocketAddress(copying: $0, length: length))
            }
        }
    }

    func withPointer<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    private var family: Int32 { Int32(storage.ss_family) }

    /// Whether this is an IPv4 or IPv6 address.
    var isIP: Bool { family == AF_INET || family == AF_INET6 }

    /// The port; nil for address families without ports.
    var port: Int? {
        withUnsafeBytes(of: storage) { bytes in
            switch family {
            case AF_INET: Int(UInt16(bigEndian: bytes.load(as: sockaddr_in.self).sin_port))
            case AF_INET6: Int(UInt16(bigEndian: bytes.load(as: sockaddr_in6.self).sin6_port))
            default: nil
            }
        }
    }

    /// The numeric address without a port; IPv4-mapped addresses are written as IPv4.
    var ip: String? {
        guard isIP else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        withUnsafeBytes(of: storage) { bytes in
            if family == AF_INET {
                var address = bytes.load(as: sockaddr_in.self).sin_addr
                inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
            } else {
                var address = bytes.load(as: sockaddr_in6.self).sin6_addr
                inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
            }
        }
        let found = text.withUnsafeBufferPointer {
            String(decoding: $0.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return found.hasPrefix("::ffff:") && found.contains(".") ? String(found.dropFirst(7)) : found
    }

    /// The path of a Unix socket; nil when it has none.
    private var path: String? {
        guard family == AF_UNIX else { return nil }
        let bytes = withUnsafeBytes(of: storage) { bytes in
            let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 0
            return Array(bytes[min(offset, Int(length))..<Int(length)].prefix { $0 != 0 })
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// The corresponding listen address; nil for other kinds of sockets.
    var listenAddress: ListenAddress? {
        if let path { return .unix(path: path) }
        guard let ip, let port else { return nil }
        return .tcp(host: ip, port: port)
    }
}
