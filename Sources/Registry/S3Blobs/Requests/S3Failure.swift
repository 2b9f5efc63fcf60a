// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import Loops
import RegistryCore
import RegistryStorage

/// The reason why one attempt of a request failed.
struct S3Failure: Error {
    enum Cause: Sendable {
        case refused(S3Refusal, storeTime: Timestamp?)
        /// A missing or incomplete response; the text gives the reason.
        case noAnswer(String)
        /// A response that is invalid for this request; the text says what is wrong with it.
        case wrongAnswer(String)
    }

    let cause: Cause

    /// Whether another attempt may succeed.
    var isTransient: Bool {
        switch cause {
        case .refused(let refusal, _): refusal.isTransient
        case .noAnswer: true
        case .wrongAnswer: false
        }
    }

    /// Returns the failure for callers of the port, after the last attempt.
    func error(of purpose: String, at location: S3Location) -> BlobStoreError {
        let (code, reason): (BlobStoreError.Code, String) =
            switch cause {
            case .refused(let refusal, _): (refusal.storeCode, refusal.reason)
            case .noAnswer(let reason): (.unavailable, reason)
            case .wrongAnswer(let reason): (.other, reason)
            }
        return BlobStoreError(code, "could not \(purpose) in \(location): \(reason)")
    }

    init(_ cause: Cause) {
        self.cause = cause
    }

    /// Wraps the error of an attempt; rethrows it when the store did not cause it.
    init(_ error: any Error) throws {
        switch error {
        case let failure as S3Failure: self = failure
        case is CancellationError, is BlobStoreError: throw error
        case _ where Task.isCancelled: throw CancellationError()
        case is TimedOut: cause = .noAnswer("the request timed out")
        case let error as HTTPClientError: cause = .noAnswer(Self.reason(error))
        default: cause = .noAnswer("the connection failed (\(String(describing: error).quoted(limit: 200)))")
        }
    }

    private static func reason(_ error: HTTPClientError) -> String {
        switch error.code {
        case .connect(.refused): "connection refused; check s3.endpoint and that the store is running"
        case .connect(.unreachable): "the host is unreachable; check s3.endpoint and the network"
        case .connect(.other): "the connection failed; check s3.endpoint"
        case .resolve: "the host name cannot be resolved; check s3.endpoint"
        case .timeout(.connect): "the connection timed out; check s3.endpoint"
        case .timeout: "the request timed out"
        case .brokenOff, .cancelled: "the connection was lost"
        case .tls: "\(error.message); check s3.endpoint and that this machine trusts the store's certificate authority"
        case .proxy, .invalidProxy, .invalidURL, .other: "the connection failed (\(error.message.quoted(limit: 200)))"
        }
    }
}
