// SPDX-License-Identifier: Apache-2.0

/// An address to listen on.
package enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// A numeric address or a name with a port.
    ///
    /// Port 0 selects any free port. `*` stands for all IPv6 and IPv4 addresses.
    case tcp(host: String, port: Int)
    /// A Unix socket at a path.
    case unix(path: String)
    /// A listening socket inherited from the parent process.
    case inherited(descriptor: Int32)

    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        case .inherited(let descriptor): "the socket with descriptor \(descriptor)"
        }
    }
}

/// The reason why a server cannot listen.
package struct ListenError: Error, Sendable {
    /// The requested address.
    package let address: ListenAddress
    /// The system's error number; 0 when the name has no address.
    package let code: Int32

    package init(address: ListenAddress, code: Int32) {
        self.address = address
        self.code = code
    }
}
