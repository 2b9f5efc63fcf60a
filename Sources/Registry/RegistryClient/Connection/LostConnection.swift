// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import RegistryCore

extension RegistryClient {
    /// Translates a failure of the transport; cancellation and errors of our own pass unchanged.
    func lostConnection(_ error: any Error) -> any Error {
        if error is CancellationError || error is ClientError { return error }
        if Task.isCancelled { return CancellationError() }
        let code = (error as? HTTPClientError)?.code
        if code == .cancelled { return CancellationError() }
        if code == .other, let error = error as? HTTPClientError {
            // An answer that is no registry's would be the same again.
            return ClientError(.refused, "no answer from \(server): \(error.message); check the server address")
        }
        if code == .timeout(.total) {
            // It would take as long again.
            return ClientError(
                .refused,
                "the answer from \(server) did not come to its end in time; tell its administrator"
            )
        }
        if case .tls(let failure) = code, let doubt = doubt(failure) {
            // To ask again would only show the same certificate again.
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

    /// Why a server that can be reached is not believed, and what to do; nil when another attempt may help.
    private func doubt(_ failure: HTTPClientError.TLSFailure) -> String? {
        switch failure {
        case .notTrusted:
            "no authority that is trusted here signed its certificate; name a file with the authority's certificate by"
                + " --ca-file or SSL_CERT_FILE"
        case .expired:
            "its certificate has expired or is not valid yet; tell its administrator, and check the clock of this machine"
        case .otherName: "its certificate is for another name; check the address"
        case .notTLS: "it does not speak TLS on this port; check the port, or write http:// if that is meant"
        case .noAuthorities:
            "the certificates of trusted authorities cannot be read; check SSL_CERT_FILE, SSL_CERT_DIR and --ca-file"
        case .other: nil
        }
    }

    private func reason(_ error: any Error) -> String {
        guard let error = error as? HTTPClientError else { return oneLine("\(error)", limit: 200) }
        return switch error.code {
        case .connect(.refused): "nothing accepts connections there"
        case .connect(.unreachable): "there is no route to it"
        case .resolve: "the name \(server.host.quoted()) is not known"
        case .timeout(.connect): "it did not answer in time"
        case .timeout(.stalled): "it went silent"
        case .brokenOff: "it closed the connection"
        case .proxy, .invalidProxy: oneLine(error.message, limit: 400)
        case .connect(.other), .timeout(.total), .tls, .cancelled, .invalidURL, .other: error.message
        }
    }
}
