// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import Loops
import RegistryCore
import RegistryStorage

/// Why one try of a request failed.
struct S3Failure: Error {
    enum Cause: Sendable {
        case refused(S3Refusal, storeTime: Timestamp?)
        /// No answer, or not the whole of it; the text says why.
        case noAnswer(String)
        /// An answer that a store must not give to this request; the text says what is wrong with it.
        case wrongAnswer(String)
    }

    let cause: Cause

    /// Whether another try may succeed.
    var isTransient: Bool {
        switch cause {
        case .refused(let refusal, _): refusal.isTransient
        case .noAnswer: true
        case .wrongAnswer: false
        }
    }

    /// The failure for the callers of the port, after the last try.
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

    /// Takes whatever a try threw; throws it again when it is not the store's failure.
    init(_ error: any Error) throws {
        switch error {
        case let failure as S3Failure: self = failure
        case is CancellationError, is BlobStoreError: throw error
        case _ where Task.isCancelled: throw CancellationError()
        case is TimedOut: cause = .noAnswer("the store did not answer in time")
        case let error as HTTPClientError: cause = .noAnswer(Self.reason(error))
        default: cause = .noAnswer("the connection failed (\(String(describing: error).quoted(limit: 200)))")
        }
    }

    private static func reason(_ error: HTTPClientError) -> String {
        switch error.code {
        case .connect(.refused): "nothing listens there: check s3.endpoint, and that the store runs"
        case .connect(.unreachable): "there is no way to it: check s3.endpoint and the network"
        case .connect(.other): "no connection came about: check s3.endpoint"
        case .resolve: "the name of its host is not known: check s3.endpoint"
        case .timeout(.connect): "no connection came about in time: check s3.endpoint"
        case .timeout: "the store did not answer in time"
        case .brokenOff, .cancelled: "the connection broke"
        case .tls: "\(error.message): check s3.endpoint, and that this machine trusts the store's authority"
        case .proxy, .invalidProxy, .invalidURL, .other: "the connection failed (\(error.message.quoted(limit: 200)))"
        }
    }
}
