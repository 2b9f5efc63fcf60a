// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService
import RegistryStorage

/// The response to an error; the only place that maps errors to statuses.
struct ErrorResponse {
    /// The authentication challenge; user names and passwords are UTF-8 (RFC 7617, section 2.1).
    private static let challenge = "Basic realm=\"Granary\", charset=\"UTF-8\""

    private(set) var status: HTTPResponse.Status
    /// The error code for programs, listed in `docs/API.md`.
    let code: String
    /// One sentence for human readers.
    let message: String
    /// Whether an administrator should investigate: the cause is logged, but not sent to the client.
    let isInternal: Bool
    /// The headers that the status requires.
    private(set) var headers: HTTPFields = [:]

    private init(_ status: HTTPResponse.Status, _ code: String, _ message: String, isInternal: Bool = false) {
        self.status = status
        self.code = code
        self.message = message
        self.isInternal = isInternal
        if Self.codesOfWaiting.contains(code) { headers[.retryAfter] = "5" }
    }

    init(_ error: any Error) {
        switch error {
        case let error as RegistryError: self.init(error)
        case let error as InvalidName: self.init(.badRequest, "invalid_name", error.description)
        case let error as InvalidPercentEncoding: self.init(.badRequest, "invalid_name", error.description)
        case let error as InvalidDigestField: self.init(.badRequest, "invalid_digest", error.description)
        case let error as InvalidRequest: self.init(.badRequest, "invalid", error.description)
        case is UnresolvedPublish: self.init(.serviceUnavailable, "unavailable", Self.unresolved, isInternal: true)
        case let error as WrongMethod: self.init(error)
        case let error as TooManySignIns: self.init(error)
        case let error as RangeNotSatisfiable: self.init(error)
        case let error as WrongOffset: self.init(error)
        case let error as UnknownTusVersion: self.init(error)
        case let error as WrongMediaType: self.init(.unsupportedMediaType, "wrong_media_type", error.description)
        case let error as InvalidField: self.init(.unprocessableContent, "invalid", error.description)
        case let error as InvalidScope: self.init(.badRequest, "invalid", error.description)
        case is UnknownPath:
            self.init(.notFound, "unknown_path", "unknown path: nothing is served there; check the URL")
        case is CancellationError: self.init(.serviceUnavailable, "unavailable", Self.shuttingDown)
        default: self.init(StorageFailure(error) ?? .other)
        }
    }

    /// Creates the response in Gitea's management interface, where some errors have another status.
    init(gitea error: any Error) {
        self.init(error)
        switch error {
        case RegistryError.alreadyExists, RegistryError.stillInUse: status = .unprocessableContent
        // In a path, an invalid name means that the resource does not exist.
        case is InvalidName, is InvalidPercentEncoding: status = .notFound
        default: break
        }
    }

    private init(_ error: TooManySignIns) {
        self.init(.tooManyRequests, "rate_limited", error.description)
        headers[.retryAfter] = String(error.seconds)
    }

    private init(_ error: RangeNotSatisfiable) {
        self.init(.rangeNotSatisfiable, "range_not_satisfiable", error.description)
        headers[.contentRange] = "bytes */\(error.size)"
    }

    private init(_ error: WrongOffset) {
        self.init(.conflict, "wrong_offset", error.description)
        headers[.uploadOffset] = String(error.actual)
    }

    private init(_ error: UnknownTusVersion) {
        self.init(.preconditionFailed, "precondition_failed", error.description)
        headers[.tusVersion] = TusHeaders.version
    }

    private init(_ error: WrongMethod) {
        let names = error.methods.map(\.rawValue).joined(separator: ", ")
        self.init(.methodNotAllowed, "method_not_allowed", "method not allowed: use \(names)")
        headers[.allow] = names
    }

    private init(_ error: RegistryError) {
        let (status, code): (HTTPResponse.Status, String) =
            switch error {
            case .invalid: (.badRequest, "invalid")
            case .notFound: (.notFound, "not_found")
            case .alreadyExists: (.conflict, "already_exists")
            case .stillInUse: (.conflict, "still_in_use")
            case .versionExists: (.badRequest, "version_exists")
            case .unauthenticated: (.unauthorized, "unauthenticated")
            case .forbidden: (.forbidden, "forbidden")
            case .quotaExceeded: (.insufficientStorage, "quota_exceeded")
            case .tooLarge: (.contentTooLarge, "too_large")
            case .digestMismatch: (.badRequest, "digest_mismatch")
            case .preconditionFailed: (.preconditionFailed, "precondition_failed")
            case .incompleteBody: (.badRequest, "incomplete_body")
            case .timedOut: (.requestTimeout, "timed_out")
            case .insufficientStorage: (.insufficientStorage, "insufficient_storage")
            case .unavailable: (.serviceUnavailable, "unavailable")
            case .rateLimited: (.tooManyRequests, "rate_limited")
            }
        self.init(status, code, error.message)
        if case .unauthenticated = error { headers[.wwwAuthenticate] = Self.challenge }
    }

    private init(_ failure: StorageFailure) {
        switch failure {
        case .full: self.init(.insufficientStorage, "insufficient_storage", Self.full, isInternal: true)
        case .readOnly: self.init(.serviceUnavailable, "read_only", Self.readOnly, isInternal: true)
        case .contentMissing: self.init(.serviceUnavailable, "content_missing", Self.contentMissing, isInternal: true)
        case .unavailable: self.init(.serviceUnavailable, "unavailable", Self.unavailable, isInternal: true)
        case .outcomeUnknown: self.init(.serviceUnavailable, "unavailable", Self.outcomeUnknown, isInternal: true)
        case .invalidText: self.init(.badRequest, "invalid", Self.invalidText)
        case .deleted: self.init(.notFound, "not_found", Self.deletedMeanwhile, isInternal: true)
        case .other: self.init(.internalServerError, "internal", Self.internalFault, isInternal: true)
        }
    }

    /// The codes after which a later retry may succeed.
    private static let codesOfWaiting = ["unavailable", "rate_limited"]

    private static let full =
        "the registry's disk is full: nothing was changed; ask the administrator to free space, then try again"
    private static let readOnly =
        "the registry cannot write to its data: nothing was changed; ask the administrator to check its log"
    private static let contentMissing =
        "the content is missing or damaged: ask the administrator to check the server's log and to run granary admin fsck"
    private static let unavailable =
        "the registry cannot reach its data: nothing was changed; try again in a moment"
    private static let unresolved =
        "publish outcome unknown: the file may have been published; check it before you send it again"
    private static let invalidText =
        "invalid text: the request contains a null character, which cannot be stored; remove it"
    private static let deletedMeanwhile =
        "concurrent deletion: the owner, or another resource of this request, was deleted; nothing was stored, check the owner"
    private static let outcomeUnknown =
        "outcome unknown: the change may have been made; check before you repeat the request"
    private static let shuttingDown = "the registry is shutting down: nothing was stored; try again in a moment"
    private static let internalFault =
        "internal error: report the request ID to your administrator"
}
