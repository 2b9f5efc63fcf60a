// SPDX-License-Identifier: Apache-2.0

/// How a client connects, and how much it does at once.
package struct HTTPClientConfiguration: Sendable {
    /// Who decides whether requests go through a proxy.
    package enum Proxy: Sendable {
        /// Every request goes to its server.
        case none
        /// `https_proxy`, `HTTPS_PROXY`, `http_proxy` (in lower case only), `all_proxy`, `ALL_PROXY`, `no_proxy` and
        /// `NO_PROXY` of the process's environment, as curl reads them.
        case environment
    }

    /// The newest version of HTTP that is spoken.
    package enum Version: Sendable {
        case http1
        /// HTTP/2 where a TLS server offers it.
        case http2
    }

    /// How many requests to one server are under way at most; further ones wait.
    package var requestsPerServer = 8
    /// How many requests are under way at most.
    package var requests = 64
    /// How many requests wait at most; a further one fails at once.
    package var waitingRequests = 1024
    /// A connection that was not used for so long is not used again.
    package var idle = Duration.seconds(60)
    /// How many bytes of heads an answer may have: its own, that of interim answers, and its trailer.
    package var largestHead = 64 << 10
    /// From how many unread bytes of a body on the server is made to wait.
    package var bodyBuffer = 128 << 10
    package var authorities = TrustedAuthorities.system
    package var proxy = Proxy.none
    package var version = Version.http1
    /// A Unix socket to connect to, whatever host a URL names.
    package var unixSocketPath: String?

    /// The defaults.
    package init() {}
}

/// How long a request waits; nil waits for ever.
package struct HTTPClientTimeouts: Hashable, Sendable {
    /// For a connection: the look-up of the name, TCP, a proxy and TLS together.
    package var connect = Duration.seconds(10)
    /// For `100 Continue`, when the headers ask for it; then the body is sent without, since not every server knows it.
    package var consent = Duration.seconds(1)
    /// For everything, from the call to the last byte of the answer.
    package var total: Duration?
    /// For a server that neither takes a byte of a body nor sends one; the head of its answer counts when it is complete.
    ///
    /// The time in which the answer waits for its reader, or the server for the pieces of a stream, does not count.
    package var stalled: Duration?
    /// The same once the answer has begun; `stalled` when it is nil.
    package var idle: Duration?

    /// Ten seconds for a connection, one for consent, and no other limit.
    package init() {}
}
