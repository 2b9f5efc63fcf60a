// SPDX-License-Identifier: Apache-2.0

/// Why there is no answer, or not the whole of it.
package struct HTTPClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure that callers tell apart.
    package enum Code: Hashable, Sendable {
        case connect(ConnectFailure)
        /// The server's name is not known, or nobody can be asked for it.
        case resolve
        case timeout(Wait)
        case tls(TLSFailure)
        /// The proxy is not there, or does not let the request through.
        case proxy
        /// What is to be the proxy cannot be one.
        case invalidProxy
        /// The connection ended before the answer did.
        case brokenOff
        /// The client was shut down.
        case cancelled
        case invalidURL
        case other
    }

    /// Why no connection came about.
    package enum ConnectFailure: Hashable, Sendable {
        /// Nothing listens there.
        case refused
        /// There is no way there.
        case unreachable
        case other
    }

    /// Which wait was too long.
    package enum Wait: Hashable, Sendable {
        case connect, total, stalled
    }

    /// Why a server is not believed.
    package enum TLSFailure: Hashable, Sendable {
        /// No trusted authority signed the certificate.
        case notTrusted
        /// The certificate is valid no more, or not yet.
        case expired
        /// The certificate is for another name.
        case otherName
        /// What listens there does not speak TLS.
        case notTLS
        /// The certificates of those who are to be trusted cannot be read.
        case noAuthorities
        case other
    }

    package let code: Code
    /// What happened, in one sentence of our own: no text of a library and no path of this machine is in it.
    package let message: String

    package init(_ code: Code, _ message: String? = nil) {
        self.code = code
        self.message = message ?? code.sentence
    }

    package var description: String { message }
}

extension HTTPClientError.Code {
    /// The sentence of an error that has nothing more to tell.
    fileprivate var sentence: String {
        switch self {
        case .connect(.refused): "nothing accepts connections there"
        case .connect(.unreachable): "there is no route to the server"
        case .connect(.other): "no connection came about"
        case .resolve: "the server's name is not known"
        case .timeout(.connect): "no connection came about in time"
        case .timeout(.total): "the answer was not complete in time"
        case .timeout(.stalled): "the server neither sent nor took anything for too long"
        case .tls(.notTrusted): "the server's certificate is not signed by an authority that is trusted here"
        case .tls(.expired): "the server's certificate has expired or is not valid yet"
        case .tls(.otherName): "the server's certificate is for another name"
        case .tls(.notTLS): "the server does not speak TLS on this port"
        case .tls(.noAuthorities): "the certificates that are to be trusted cannot be read"
        case .tls(.other): "no secure connection came about"
        case .proxy: "the proxy cannot be reached or refused the connection"
        case .invalidProxy: "the address of the proxy is not valid"
        case .brokenOff: "the connection broke off"
        case .cancelled: "the client was shut down"
        case .invalidURL: "the URL is not valid"
        case .other: "the request failed"
        }
    }
}
