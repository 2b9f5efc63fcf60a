// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOPosix
import RegistryCore

extension RegistryClient {
    /// Translates a failure of the transport; cancellation and errors of our own pass unchanged.
    func lostConnection(_ error: any Error) -> any Error {
        if error is CancellationError || error is ClientError { return error }
        if Task.isCancelled || (error as? HTTPClientError) == .cancelled { return CancellationError() }
        return ClientError(
            .unavailable,
            "no connection to \(server): \(reason(error)); check the address and the network"
        )
    }

    private func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout: "it did not answer in time"
        case let error as HTTPClientError where [.readTimeout, .writeTimeout].contains(error): "it went silent"
        case let error as HTTPClientError where error == .remoteConnectionClosed: "it closed the connection"
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.first {
                systemReason(failure.error)
            } else {
                "the name \(error.host.quoted()) is not known"
            }
        case let error as HTTPClientError: oneLine(error.shortDescription, limit: 200)
        default: systemReason(error)
        }
    }
}
