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
        return ClientError(
            // To ask again would only show the same certificate again.
            code?.isAboutTrust == true ? .refused : .unavailable,
            "no connection to \(server): \(reason(error)); check the address and the network"
        )
    }

    private func reason(_ error: any Error) -> String {
        guard let error = error as? HTTPClientError else { return oneLine("\(error)", limit: 200) }
        return switch error.code {
        case .connect(.refused): "nothing accepts connections there"
        case .connect(.unreachable): "there is no route to it"
        case .resolve: "the name \(server.host.quoted()) is not known"
        case .timeout(.connect): "it did not answer in time"
        case .timeout(.stalled), .timeout(.total): "it went silent"
        case .brokenOff: "it closed the connection"
        case .connect(.other), .tls, .proxy, .cancelled, .invalidURL, .other: error.message
        }
    }
}

extension HTTPClientError.Code {
    /// Whether a server that can be reached is not believed.
    fileprivate var isAboutTrust: Bool {
        if case .tls = self { true } else { false }
    }
}
