// SPDX-License-Identifier: Apache-2.0

/// The reason why a response is missing or incomplete.
package struct HTTPClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure that callers distinguish.
    package enum Code: Hashable, Sendable {
        case connect(ConnectFailure)
        /// The server's name does not exist or cannot be looked up.
        case resolve
        case timeout(Wait)
        case tls(TLSFailure)
        /// The proxy is unavailable or rejects the request.
        case proxy
        /// The configured proxy is not a valid proxy address.
        case invalidProxy
        /// The connection closed before the response was complete.
        case brokenOff
        /// The client was shut down.
        case cancelled
        case invalidURL
        case other
    }

    /// The reason why a connection failed.
    package enum ConnectFailure: Hashable, Sendable {
        /// No process listens on the port.
        case refused
        /// No route leads to the server.
        case unreachable
        case other
    }

    /// The time limit that was exceeded.
    package enum Wait: Hashable, Sendable {
        case connect, total, stalled
    }

    /// The reason why a TLS connection failed.
    package enum TLSFailure: Hashable, Sendable {
        /// No trusted authority signed the certificate.
        case notTrusted
        /// The certificate has expired or is not valid yet.
        case expired
        /// The certificate is for a different name.
        case otherName
        /// The server does not speak TLS on this port.
        case notTLS
        /// The trusted certificates cannot be read.
        case noAuthorities
        case other
    }

    package let code: Code
    /// The failure in one sentence, without library text or local paths.
    package let message: String

    package init(_ code: Code, _ message: String? = nil) {
        self.code = code
        self.message = message ?? code.sentence
    }

    package var description: String { message }
}

extension HTTPClientError.Code {
    /// The default message of an error.
    fileprivate var sentence: String {
        switch self {
        case .connect(.refused): "the server refuses connections"
        case .connect(.unreachable): "no route to the server"
        case .connect(.other): "the connection failed"
        case .resolve: "the server's name cannot be resolved"
        case .timeout(.connect): "the connection attempt timed out"
        case .timeout(.total): "the response was not complete in time"
        case .timeout(.stalled): "the transfer stalled: the server neither sent nor accepted data"
        case .tls(.notTrusted): "the server's certificate is not signed by a trusted authority"
        case .tls(.expired): "the server's certificate has expired or is not valid yet"
        case .tls(.otherName): "the server's certificate is for a different name"
        case .tls(.notTLS): "the server does not speak TLS on this port"
        case .tls(.noAuthorities): "the trusted certificates cannot be read"
        case .tls(.other): "the TLS handshake failed"
        case .proxy: "the proxy cannot be reached or refused the connection"
        case .invalidProxy: "the proxy address is invalid"
        case .brokenOff: "the connection was lost"
        case .cancelled: "the client was shut down"
        case .invalidURL: "the URL is invalid"
        case .other: "the request failed"
        }
    }
}
