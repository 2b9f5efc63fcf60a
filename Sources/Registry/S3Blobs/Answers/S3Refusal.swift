// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

/// What a store says when it does not do what it was asked.
struct S3Refusal: Hashable, Sendable {
    let status: Int
    /// The word for the cause; empty when the store gave none, as in every answer to HEAD.
    let code: String

    /// The cause, for the callers of the port.
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

    /// Whether the same request may well succeed when it is sent again.
    var isTransient: Bool {
        switch code {
        case "RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "OperationAborted", "IncompleteBody",
            "BadDigest", "XAmzContentSHA256Mismatch":
            // The last three: the body was damaged on its way.
            true
        default: isClockSkew || [408, 429, 500, 502, 503, 504].contains(status)
        }
    }

    /// Whether the store takes the request for one of another time.
    var isClockSkew: Bool { code == "RequestTimeTooSkewed" }

    /// What to tell about it, as the end of a sentence.
    var reason: String {
        switch code {
        case "NoSuchBucket": "there is no such bucket: create it, or check s3.bucket"
        case "InvalidAccessKeyId": "the store does not know the access key: check s3.access-key"
        case "SignatureDoesNotMatch":
            "the store refused the signature: check that s3.secret-key belongs to s3.access-key, and s3.region"
        case "ExpiredToken", "InvalidToken": "the session token is not valid any more: get a new one"
        case "AccessDenied", "AllAccessDisabled":
            "the access key is not allowed to: give it the permission to read, write, list and delete there"
        case "RequestTimeTooSkewed": "the clocks of this machine and of the store differ too much: set them right"
        case "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect",
            "IllegalLocationConstraintException":
            "the bucket belongs to another region or endpoint: check s3.region and s3.endpoint"
        default:
            "the store answered \(status)\(code.isEmpty ? "" : " \(code)")\(storeCode == .full ? ": it is full" : "")"
        }
    }
}
