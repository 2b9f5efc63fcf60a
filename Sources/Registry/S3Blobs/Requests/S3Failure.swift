// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
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
        case let error as NIOConnectionError: cause = .noAnswer(Self.reason(error))
        case let error as IOError: cause = .noAnswer(Self.reason(error))
        case is ChannelError: cause = .noAnswer("the connection broke")
        default: cause = .noAnswer("the connection failed (\(String(describing: error).quoted(limit: 200)))")
        }
    }

    private static func reason(_ error: HTTPClientError) -> String {
        switch error {
        case .remoteConnectionClosed, .writeTimeout: "the connection broke"
        case .connectTimeout, .getConnectionFromPoolTimeout: "no connection came about in time: check s3.endpoint"
        default: "the connection failed (\(error.shortDescription.quoted(limit: 200)))"
        }
    }

    private static func reason(_ error: NIOConnectionError) -> String {
        guard let failure = error.connectionErrors.first?.error else {
            return "the name \(error.host.quoted()) is not known: check s3.endpoint"
        }
        return (failure as? IOError).map(reason) ?? "no connection came about: check s3.endpoint"
    }

    private static func reason(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "nothing listens there: check s3.endpoint, and that the store runs"
        case EHOSTUNREACH, ENETUNREACH, ETIMEDOUT: "there is no way to it: check s3.endpoint and the network"
        default: "the connection broke"
        }
    }
}
