// SPDX-License-Identifier: Apache-2.0

/// The settings of a client for connections and concurrency.
package struct HTTPClientConfiguration: Sendable {
    /// The source of the proxy settings.
    package enum Proxy: Sendable {
        /// Requests connect directly to the server.
        case none
        /// The environment variables `https_proxy`, `HTTPS_PROXY`, `http_proxy` (lower case only), `all_proxy`, `ALL_PROXY`, `no_proxy` and
        /// `NO_PROXY`, as curl reads them.
        case environment
    }

    /// The highest HTTP version to use.
    package enum Version: Sendable {
        case http1
        /// HTTP/2 when a TLS server offers it.
        case http2
    }

    /// The maximum number of concurrent requests per server; further requests wait.
    package var requestsPerServer = 8
    /// The maximum number of concurrent requests.
    package var requests = 64
    /// The maximum number of waiting requests; a further request fails immediately.
    package var waitingRequests = 1024
    /// The time after which an idle connection is not reused.
    package var idle = Duration.seconds(60)
    /// The maximum size of all heads of a response, in bytes: its own, those of interim responses, and the trailer.
    package var largestHead = 64 << 10
    /// The number of unread body bytes at which the client applies backpressure.
    package var bodyBuffer = 128 << 10
    package var authorities = TrustedAuthorities.system
    package var proxy = Proxy.none
    package var version = Version.http1
    /// A Unix socket to connect to, regardless of the URL's host.
    package var unixSocketPath: String?

    /// Creates the default configuration.
    package init() {}
}

/// The time limits of a request; nil means no limit.
package struct HTTPClientTimeouts: Hashable, Sendable {
    /// The limit for connecting: name lookup, TCP, proxy and TLS together.
    package var connect = Duration.seconds(10)
    /// The wait for `100 Continue` when the headers ask for it.
    ///
    /// The body is then sent anyway, because not every server supports it.
    package var consent = Duration.seconds(1)
    /// The limit for the whole request, from the call to the last byte of the response.
    package var total: Duration?
    /// The limit for a server that neither accepts nor sends body bytes.
    ///
    /// A response head counts once it is complete. Time that the response waits for its reader, or the server for a streamed body, does not
    /// count.
    package var stalled: Duration?
    /// The same limit once the response has begun; nil means `stalled`.
    package var idle: Duration?

    /// Allows ten seconds for connecting and one for `100 Continue`, and sets no other limit.
    package init() {}
}
