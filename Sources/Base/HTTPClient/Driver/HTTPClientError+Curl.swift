// SPDX-License-Identifier: Apache-2.0

import CCurl
import Glibc

extension HTTPClientError {
    /// Translates libcurl's reason for a failed transfer; `proxy` is the proxy that the request should have used.
    init(_ result: CURLcode, of handle: CurlHandle, isSent: Bool, proxy: EnvironmentProxy? = nil) {
        if !isSent, let proxy, let error = Self.failure(of: proxy, result, handle) {
            self = error
            return
        }
        switch result {
        case CURLE_URL_MALFORMAT, CURLE_LOGIN_DENIED: self.init(.invalidURL)
        // libcurl also reports these for a response without a head (HTTP/0.9).
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
            self = isSent ? .notHTTP : HTTPClientError(.invalidURL)
        case CURLE_COULDNT_RESOLVE_HOST: self.init(.resolve)
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: self.init(.proxy)
        case CURLE_COULDNT_CONNECT: self.init(.connect(Self.connectFailure(handle.number(CURLINFO_OS_ERRNO))))
        case CURLE_OPERATION_TIMEDOUT: self.init(.timeout(.connect))
        case CURLE_SSL_CONNECT_ERROR: self.init(.tls(Self.handshakeFailure(handle.explanation)))
        case CURLE_PEER_FAILED_VERIFICATION: self.init(.tls(Self.verificationFailure(handle)))
        case CURLE_SSL_CACERT_BADFILE: self.init(.tls(.noAuthorities))
        case CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED, CURLE_SSL_SHUTDOWN_FAILED:
            self.init(.tls(.other))
        case CURLE_RECV_ERROR where !isSent && handle.number(CURLINFO_HTTP_CONNECTCODE) != 0: self.init(.proxy)
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_SEND_FAIL_REWIND,
            CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_ABORTED_BY_CALLBACK:
            self.init(.brokenOff)
        case CURLE_BAD_CONTENT_ENCODING: self = .notHTTP
        default: self.init(.other, "the request failed (libcurl error \(result.rawValue))")
        }
    }

    static let notHTTP = HTTPClientError(.other, "the server's response is not valid HTTP")

    /// Returns why the proxy failed; nil when something else failed.
    private static func failure(of proxy: EnvironmentProxy, _ result: CURLcode, _ handle: CurlHandle)
        -> HTTPClientError?
    {
        if let problem = proxy.problem { return HTTPClientError(.invalidProxy, problem) }
        let status = handle.number(CURLINFO_HTTP_CONNECTCODE)
        switch result {
        case CURLE_COULDNT_RESOLVE_PROXY where handle.explanation.contains("proxy syntax"):
            return HTTPClientError(
                .invalidProxy,
                "\(proxy.variable) is not a proxy address: use http://HOST:PORT"
            )
        case CURLE_COULDNT_RESOLVE_PROXY: return HTTPClientError(.proxy, "the host of \(proxy.name) cannot be resolved")
        case CURLE_COULDNT_CONNECT:
            let isRefused = connectFailure(handle.number(CURLINFO_OS_ERRNO)) == .refused
            return HTTPClientError(.proxy, "\(proxy.name) \(isRefused ? "refuses connections" : "cannot be reached")")
        case CURLE_OPERATION_TIMEDOUT: return HTTPClientError(.proxy, "\(proxy.name) timed out")
        case CURLE_PROXY: return HTTPClientError(.proxy, "\(proxy.name) refused the connection")
        case CURLE_RECV_ERROR where status != 0:
            return HTTPClientError(.proxy, "\(proxy.name) refused the connection with status \(status)")
        default: return nil
        }
    }

    private static func connectFailure(_ number: Int) -> ConnectFailure {
        switch Int32(number) {
        case ECONNREFUSED: .refused
        case EHOSTUNREACH, ENETUNREACH, ENETDOWN, ETIMEDOUT: .unreachable
        default: .other
        }
    }

    /// Classifies a failed handshake by the TLS library's words, because libcurl has no code for the cause.
    private static func handshakeFailure(_ explanation: String) -> TLSFailure {
        let words = ["wrong version number", "packet length too long", "unexpected TLS packet", "http request"]
        return words.contains { explanation.contains($0) } ? .notTLS : .other
    }

    private static func verificationFailure(_ handle: CurlHandle) -> TLSFailure {
        // OpenSSL's `X509_V_ERR_CERT_NOT_YET_VALID` and `X509_V_ERR_CERT_HAS_EXPIRED`.
        if [9, 10].contains(handle.number(CURLINFO_SSL_VERIFYRESULT)) { return .expired }
        let explanation = handle.explanation
        let words = ["subject name", "target host name", "does not match"]
        return words.contains { explanation.contains($0) } ? .otherName : .notTrusted
    }
}
