// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import RegistryCore

extension RemoteRegistry {
    /// Converts a failure of the transport; cancellation and client errors pass unchanged.
    func lostConnection(_ error: any Error) -> any Error {
        if error is CancellationError || error is ClientError { return error }
        if Task.isCancelled { return CancellationError() }
        let code = (error as? HTTPClientError)?.code
        if code == .cancelled { return CancellationError() }
        if code == .other, let error = error as? HTTPClientError {
            // A retry would return the same invalid response.
            return ClientError(.refused, "no response from \(server): \(error.message); check the server address")
        }
        if code == .timeout(.total) {
            // A retry would take as long.
            return ClientError(
                .refused,
                "the response from \(server) did not complete in time; report this to its administrator"
            )
        }
        if case .tls(let failure) = code, let doubt = doubt(failure) {
            // A retry would receive the same certificate.
            return ClientError(.refused, "no connection to \(server): \(doubt)")
        }
        if code == .invalidProxy {
            return ClientError(.refused, "no connection to \(server): \(reason(error))")
        }
        let place = code == .proxy ? "the proxy's address" : "the address"
        return ClientError(
            .unavailable,
            "no connection to \(server): \(reason(error)); check \(place) and the network"
        )
    }

    /// Returns why the server's identity is not trusted and the remedy, or nil when a retry may help.
    private func doubt(_ failure: HTTPClientError.TLSFailure) -> String? {
        switch failure {
        case .notTrusted:
            "its certificate is not signed by a trusted CA; pass the CA certificate with --ca-file or SSL_CERT_FILE"
        case .expired:
            "its certificate has expired or is not valid yet; check this machine's clock, or report it to its administrator"
        case .otherName: "its certificate is for another name; check the address"
        case .notTLS: "it does not speak TLS on this port; check the port, or use http:// for a plain connection"
        case .noAuthorities:
            "cannot read the CA certificates; check SSL_CERT_FILE, SSL_CERT_DIR and --ca-file"
        case .other: nil
        }
    }

    private func reason(_ error: any Error) -> String {
        guard let error = error as? HTTPClientError else { return oneLine("\(error)", limit: 200) }
        return switch error.code {
        case .connect(.refused): "connection refused"
        case .connect(.unreachable): "no route to host"
        case .resolve: "unknown host \(server.host.quoted())"
        case .timeout(.connect): "connection timed out"
        case .timeout(.stalled): "the connection stalled"
        case .brokenOff: "it closed the connection"
        case .proxy, .invalidProxy: oneLine(error.message, limit: 400)
        case .connect(.other), .timeout(.total), .tls, .cancelled, .invalidURL, .other: error.message
        }
    }
}
