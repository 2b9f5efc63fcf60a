// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The sockets that systemd passes to a process at start (sd_listen_fds(3)).
package enum HandedOverSockets {
    private static let first: Int32 = 3

    /// Returns the listening sockets named by the environment, in the order of the unit file.
    ///
    /// Throws when one of them does not listen.
    package static func find(in environment: [String: String]) throws(ListenError) -> [ListenAddress] {
        guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == getpid(),
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), (1...1024).contains(count)
        else { return [] }
        var addresses: [ListenAddress] = []
        for descriptor in first..<first + count {
            var listens: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0 else {
                throw ListenError(address: .inherited(descriptor: descriptor), code: errno)
            }
            guard listens != 0 else { throw ListenError(address: .inherited(descriptor: descriptor), code: EINVAL) }
            addresses.append(.inherited(descriptor: descriptor))
        }
        return addresses
    }
}
