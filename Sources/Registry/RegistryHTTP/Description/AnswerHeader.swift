// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI

/// A response header that clients use.
struct AnswerHeader: Sendable {
    let name: HTTPField.Name
    let schema: JSONSchema
    let meaning: String
    /// Whether every response with the status has the header.
    let isRequired: Bool

    private init(
        _ name: HTTPField.Name,
        _ meaning: String,
        _ schema: JSONSchema = .text,
        isRequired: Bool = true
    ) {
        self.name = name
        self.schema = schema
        self.meaning = meaning
        self.isRequired = isRequired
    }

    static let requestID = AnswerHeader(.xRequestID, "The identifier of the request, as logged by the server")
    static let location = AnswerHeader(.location, "The URL of the resource")
    static let uploadOffset = AnswerHeader(
        .uploadOffset,
        "The number of durable bytes: the offset to resume from",
        .number
    )
    static let uploadLength = AnswerHeader(
        .uploadLength,
        "The size of the file in bytes, once the client has stated it",
        .number,
        isRequired: false
    )
    static let uploadDeferLength = AnswerHeader(
        .uploadDeferLength,
        "`1` until the client states the size",
        .word(["1"]),
        isRequired: false
    )
    static let uploadExpires = AnswerHeader(.uploadExpires, "When the upload expires unless more bytes arrive")
    static let tusResumable = AnswerHeader(.tusResumable, "`1.0.0`")
    static let locationOfPublished = AnswerHeader(
        .location,
        "The URL of the published file; absent if the file is in a draft",
        isRequired: false
    )
    static let eTagOfUploaded = AnswerHeader(.eTag, "The SHA-256 of the content, in quotes", isRequired: false)
    static let eTag = AnswerHeader(.eTag, "The SHA-256 of the content, in quotes")
    static let totalCount = AnswerHeader(.xTotalCount, "The total number of entries on all pages", .number)
    static let link = AnswerHeader(.link, "The URLs of the other pages (RFC 8288), if any", isRequired: false)
    static let challenge = AnswerHeader(.wwwAuthenticate, "Requests HTTP Basic authentication")
    static let retryAfter = AnswerHeader(.retryAfter, "The number of seconds to wait before a retry", .number)
    static let retryAfterWhereItHelps = AnswerHeader(
        .retryAfter,
        "The number of seconds to wait before a retry, if a retry can succeed",
        .number,
        isRequired: false
    )
    static let contentRange = AnswerHeader(.contentRange, "The range in the body, or the size of the file")

    /// The returned range; in a multipart response, every part has its own.
    static let contentRangeOfOne = AnswerHeader(
        .contentRange,
        "The range in the body, for a single range",
        isRequired: false
    )
    static let acceptRanges = AnswerHeader(.acceptRanges, "`bytes`", isRequired: false)
    static let disposition = AnswerHeader(
        .contentDisposition,
        "`attachment`, with the file's name",
        isRequired: false
    )
    static let cacheControl = AnswerHeader(
        .cacheControl,
        "`public, no-cache` for public owners, otherwise `private, no-cache`"
    )
    static let reprDigest = AnswerHeader(.reprDigest, "The SHA-256 in the format of RFC 9530", isRequired: false)
    static let digest = AnswerHeader(.digest, "The SHA-256 in the format of RFC 3230", isRequired: false)
    static let checksum = AnswerHeader(.xChecksumSHA256, "The SHA-256 in hexadecimal", isRequired: false)
    static let eTagOfFile = AnswerHeader(.eTag, "The SHA-256 of the content, in quotes", isRequired: false)
    static let lastModified = AnswerHeader(.lastModified, "When the file was published", isRequired: false)

    /// The header as an entry of `components`.
    var document: JSONValue {
        ["description": .text(meaning), "schema": schema.document, "required": .flag(isRequired)]
    }
}
