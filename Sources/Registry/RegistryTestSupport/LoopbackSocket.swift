// SPDX-License-Identifier: Apache-2.0

import Glibc
import RegistryStorage

/// A TCP socket on the loopback address, closed when the last reference is released; its calls block.
final class LoopbackSocket: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Creates a socket that listens on a free port.
    static func listening() throws -> LoopbackSocket {
        let made = LoopbackSocket(socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
        let isBound = unsafe made.withAddress(port: 0) { address, size in unsafe bind(made.descriptor, address, size) }
        guard isBound == 0, listen(made.descriptor, 128) == 0 else {
            throw BlobStoreError(.other, "the test proxy could not listen on a port")
        }
        return made
    }

    /// Connects to a server; returns nil when the connection fails.
    static func connected(to port: UInt16) -> LoopbackSocket? {
        let made = LoopbackSocket(socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
        let code = unsafe made.withAddress(port: port) { unsafe connect(made.descriptor, $0, $1) }
        return code == 0 ? made : nil
    }

    /// The port of a listening socket.
    var port: UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) {
            _ = unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &size)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Accepts the next connection; returns nil after `shutDown`.
    func accept() -> LoopbackSocket? {
        let connection = Glibc.accept(descriptor, nil, nil)
        return connection >= 0 ? LoopbackSocket(connection) : nil
    }

    /// Reads the next bytes; returns an empty array at the end.
    func read() -> [UInt8] {
        unsafe Array(unsafeUninitializedCapacity: 64 << 10) { space, count in
            count = unsafe max(0, recv(descriptor, space.baseAddress, space.count, 0))
        }
    }

    /// Writes all bytes; returns false when the peer has disconnected.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Shuts down both directions, which also ends every blocked call.
    func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Waits until the peer disconnects, without reading what it sent before.
    func waitUntilGone() {
        // POLLRDHUP, which Swift's C library module does not export.
        var watched = pollfd(fd: descriptor, events: 0x2000, revents: 0)
        while unsafe poll(&watched, 1, -1) < 0, errno == EINTR {}
    }

    private func withAddress(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
