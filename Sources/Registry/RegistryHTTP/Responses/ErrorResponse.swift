// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService
import RegistryStorage

/// The response to an error; the only place that maps errors to statuses.
///
/// A handler may throw the response to what only HTTP knows, such as an unknown path.
struct ErrorResponse: Error {
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
    private(set) var headers: HTTPFields

    private init(
        _ status: HTTPResponse.Status,
        _ code: String,
        _ message: String,
        _ headers: HTTPFields = [:],
        isInternal: Bool = false
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
        self.isInternal = isInternal
        if Self.codesOfWaiting.contains(code) { self.headers[.retryAfter] = "5" }
    }

    init(_ error: any Error) {
        switch error {
        case let error as ErrorResponse: self = error
        case let error as RegistryError: self.init(error)
        case let error as InvalidName: self.init(.badRequest, "invalid_name", error.description)
        case let error as InvalidPercentEncoding: self.init(.badRequest, "invalid_name", error.description)
        case let error as InvalidDigestField: self.init(.badRequest, "invalid_digest", error.description)
        case let error as InvalidField: self.init(.unprocessableContent, "invalid", error.description)
        case let error as InvalidScope: self.init(.badRequest, "invalid", error.description)
        case let error as TooManySignIns: self.init(error)
        case is UnresolvedPublish: self.init(.serviceUnavailable, "unavailable", Self.unresolved, isInternal: true)
        case is CancellationError: self.init(.serviceUnavailable, "unavailable", Self.shuttingDown)
        default: self.init(StorageFailure(error) ?? .other)
        }
    }

    /// Creates the response in Gitea's management interface, where some errors have another status.
    init(gitea error: any Error) {
        self.init(error)
        switch error {
        case let error as RegistryError where [.alreadyExists, .stillInUse].contains(error.code):
            status = .unprocessableContent
        // In a path, an invalid name means that the resource does not exist.
        case is InvalidName, is InvalidPercentEncoding: status = .notFound
        default: break
        }
    }

    private init(_ error: TooManySignIns) {
        self.init(.tooManyRequests, "rate_limited", error.description)
        headers[.retryAfter] = String(error.seconds)
    }

    private init(_ error: RegistryError) {
        self.init(Self.status(of: error.code), error.code.rawValue, error.message)
        if error.code == .unauthenticated { headers[.wwwAuthenticate] = Self.challenge }
    }

    private static func status(of code: RegistryError.Code) -> HTTPResponse.Status {
        switch code {
        case .invalid, .versionExists, .digestMismatch, .incompleteBody: .badRequest
        case .unauthenticated: .unauthorized
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .timedOut: .requestTimeout
        case .alreadyExists, .stillInUse: .conflict
        case .preconditionFailed: .preconditionFailed
        case .tooLarge: .contentTooLarge
        case .rateLimited: .tooManyRequests
        case .unavailable: .serviceUnavailable
        case .quotaExceeded, .insufficientStorage: .insufficientStorage
        }
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

/// What only HTTP knows.
extension ErrorResponse {
    static let unknownPath = ErrorResponse(
        .notFound,
        "unknown_path",
        "unknown path: nothing is served there; check the URL"
    )

    static let wrongMediaType = ErrorResponse(
        .unsupportedMediaType,
        "wrong_media_type",
        "unsupported Content-Type: send the piece as \(TusHeaders.pieceType)"
    )

    static let unknownTusVersion = ErrorResponse(
        .preconditionFailed,
        "precondition_failed",
        "unsupported tus version: send Tus-Resumable: \(TusHeaders.version), or omit the header",
        [.tusVersion: TusHeaders.version]
    )

    /// Returns the error for a path that has routes, but none for the method.
    static func wrongMethod(use methods: [HTTPRequest.Method]) -> ErrorResponse {
        let names = methods.map(\.rawValue).joined(separator: ", ")
        return ErrorResponse(
            .methodNotAllowed,
            "method_not_allowed",
            "method not allowed: use \(names)",
            [.allow: names]
        )
    }

    /// Returns the error for a requested range outside content of the given size.
    static func rangeNotSatisfiable(size: Int64) -> ErrorResponse {
        ErrorResponse(
            .rangeNotSatisfiable,
            "range_not_satisfiable",
            "range not satisfiable: the file has \(size) bytes; request a range within it",
            [.contentRange: "bytes */\(size)"]
        )
    }

    /// Returns the error for a piece that does not begin at the upload's offset.
    static func wrongOffset(actual: Int64) -> ErrorResponse {
        ErrorResponse(
            .conflict,
            "wrong_offset",
            "wrong offset: the upload is at \(actual) bytes or another request took it over; query the offset and resume from there",
            [.uploadOffset: String(actual)]
        )
    }
}
