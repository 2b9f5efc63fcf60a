// SPDX-License-Identifier: Apache-2.0

/// Where a server listens.
package enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// A numeric address or a name, and a port; 0 for any that is free. `*` stands for all addresses of IPv6 and IPv4.
    case tcp(host: String, port: Int)
    /// A Unix socket at a path.
    case unix(path: String)
    /// A socket that listens already, handed over by whoever started the process.
    case inherited(descriptor: Int32)

    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        case .inherited(let descriptor): "the socket with descriptor \(descriptor)"
        }
    }
}

/// Why a server cannot listen.
package struct ListenError: Error, Sendable {
    /// Where it was to listen.
    package let address: ListenAddress
    /// The number of the system's error; 0 when the name has no address.
    package let code: Int32

    package init(address: ListenAddress, code: Int32) {
        self.address = address
        self.code = code
    }
}
