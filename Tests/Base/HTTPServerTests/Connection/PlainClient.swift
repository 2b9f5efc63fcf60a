// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A client that sends exactly what it is told to, over a connection that blocks for ten seconds at most.
final class PlainClient: Sendable {
    struct Failure: Error {
        let code: Int32
    }

    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw Failure(code: errno) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Failure(code: errno)
        }
    }

    /// What comes until it ends with a text, or until the connection does.
    func receive(until end: String) throws -> String {
        var text = ""
        var space = [UInt8](repeating: 0, count: 4096)
        while !text.hasSuffix(end) {
            let count = recv(descriptor, &space, space.count, 0)
            guard count >= 0 else { throw Failure(code: errno) }
            if count == 0 { break }
            text += String(decoding: space[..<count], as: UTF8.self)
        }
        return text
    }
}
