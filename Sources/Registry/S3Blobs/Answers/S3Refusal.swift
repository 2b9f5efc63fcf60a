// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

/// A store's error response to a request.
struct S3Refusal: Hashable, Sendable {
    let status: Int
    /// The S3 error code; empty when the response has none, as with every response to HEAD.
    let code: String

    /// The error code that callers of the port see.
    var storeCode: BlobStoreError.Code {
        switch (status, code) {
        case (404, "NoSuchKey"): .missing
        case (507, _), (_, "QuotaExceeded"), (_, "EntityTooLarge"), (_, "XMinioStorageFull"),
            (_, "InsufficientCapacity"):
            .full
        case (403, "AccessDenied"), (403, "AllAccessDisabled"), (405, "MethodNotAllowed"): .readOnly
        case (403, _), (408, _), (429, _), (500..., _): .unavailable
        default: isTransient ? .unavailable : .other
        }
    }

    /// Whether a retry of the same request may succeed.
    var isTransient: Bool {
        switch code {
        case "RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "OperationAborted", "IncompleteBody",
            "BadDigest", "XAmzContentSHA256Mismatch":
            // The last three mean that the body was damaged in transit.
            true
        default: isClockSkew || [408, 429, 500, 502, 503, 504].contains(status)
        }
    }

    /// Whether the store rejects the request because its timestamp differs too much from the store's clock.
    var isClockSkew: Bool { code == "RequestTimeTooSkewed" }

    /// The reason and the remedy, as the end of an error message.
    var reason: String {
        switch code {
        case "NoSuchBucket": "no such bucket; create it or check s3.bucket"
        case "InvalidAccessKeyId": "unknown access key; check s3.access-key"
        case "SignatureDoesNotMatch":
            "signature mismatch; check s3.region and that s3.secret-key belongs to s3.access-key"
        case "ExpiredToken", "InvalidToken": "the session token is invalid or has expired; get a new one"
        case "AccessDenied", "AllAccessDisabled":
            "access denied; grant the access key permission to read, write, list and delete objects"
        case "RequestTimeTooSkewed": "the clocks of this machine and the store differ too much; synchronize them"
        case "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect",
            "IllegalLocationConstraintException":
            "the bucket belongs to another region or endpoint; check s3.region and s3.endpoint"
        default:
            "the store returned \(status)\(code.isEmpty ? "" : " \(code)")\(storeCode == .full ? ": the store is full" : "")"
        }
    }
}
