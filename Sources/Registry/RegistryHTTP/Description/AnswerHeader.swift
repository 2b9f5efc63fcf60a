// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI

/// A header of answers that clients use.
struct AnswerHeader: Sendable {
    let name: HTTPField.Name
    let schema: JSONSchema
    let meaning: String
    /// Whether every answer of the status has it.
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

    static let requestID = AnswerHeader(.xRequestID, "The request's identifier, which is also in the server's log")
    static let location = AnswerHeader(.location, "Where it is")
    static let uploadOffset = AnswerHeader(.uploadOffset, "How many bytes are there, durable: where to go on", .number)
    static let uploadLength = AnswerHeader(.uploadLength, "How many bytes the file has", .number)
    static let uploadDeferLength = AnswerHeader(
        .uploadDeferLength,
        "`1` while the client has not stated that",
        .word(["1"])
    )
    static let uploadExpires = AnswerHeader(.uploadExpires, "When the upload is dropped unless more bytes come")
    static let tusResumable = AnswerHeader(.tusResumable, "`1.0.0`")
    static let locationOfPublished = AnswerHeader(
        .location,
        "Where the file is, unless it is in a draft",
        isRequired: false
    )
    static let eTagOfUploaded = AnswerHeader(.eTag, "The SHA-256 of the content in quotes", isRequired: false)
    static let eTag = AnswerHeader(.eTag, "The SHA-256 of the content in quotes")
    static let totalCount = AnswerHeader(.xTotalCount, "How many entries all pages have together", .number)
    static let link = AnswerHeader(.link, "Where the other pages are (RFC 8288), when there are any", isRequired: false)
    static let challenge = AnswerHeader(.wwwAuthenticate, "Asks for HTTP Basic")
    static let retryAfter = AnswerHeader(.retryAfter, "After how many seconds to try again", .number)
    static let retryAfterWhereItHelps = AnswerHeader(
        .retryAfter,
        "After how many seconds to try again, where waiting helps",
        .number,
        isRequired: false
    )
    static let contentRange = AnswerHeader(.contentRange, "Which part it is, or how large the file is")

    /// Which part it is; the parts of several have their own.
    static let contentRangeOfOne = AnswerHeader(.contentRange, "Which part it is, when it is one", isRequired: false)
    static let acceptRanges = AnswerHeader(.acceptRanges, "`bytes`", isRequired: false)
    static let disposition = AnswerHeader(
        .contentDisposition,
        "`attachment`, with the file's name",
        isRequired: false
    )
    static let cacheControl = AnswerHeader(
        .cacheControl,
        "`public, no-cache` for public owners, else `private, no-cache`"
    )
    static let reprDigest = AnswerHeader(.reprDigest, "The SHA-256 as RFC 9530 has it", isRequired: false)
    static let digest = AnswerHeader(.digest, "The SHA-256 as RFC 3230 has it", isRequired: false)
    static let checksum = AnswerHeader(.xChecksumSHA256, "The SHA-256 in hexadecimal", isRequired: false)
    static let eTagOfFile = AnswerHeader(.eTag, "The SHA-256 of the content in quotes", isRequired: false)
    static let lastModified = AnswerHeader(.lastModified, "When the file was published", isRequired: false)

    /// As `components` has it.
    var document: JSONValue {
        ["description": .text(meaning), "schema": schema.document, "required": .flag(isRequired)]
    }
}
