// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI
import RegistryCore
import RegistryService

/// The headers of resumable uploads: tus 1.0.0 (https://tus.io/protocols/resumable-upload), with its extensions
/// creation, creation-defer-length, expiration and termination.
enum TusHeaders {
    static let version = "1.0.0"
    static let extensions = "creation,creation-defer-length,expiration,termination"
    /// The media type of a piece.
    static let pieceType = "application/offset+octet-stream"

    /// Rejects clients that use another version of the protocol; the version header is optional.
    static func check(_ headers: HTTPFields) throws {
        guard headers[.tusResumable].map({ $0 == version }) ?? true else { throw ErrorResponse.unknownTusVersion }
    }

    /// Parses the size of the file for a new upload; nil if the client states it later.
    static func length(_ headers: HTTPFields) throws -> Int64? {
        guard let deferred = headers[.uploadDeferLength] else {
            if let size = try statedLength(headers) { return size }
            throw RegistryError.invalid(
                "Upload-Length is missing: send the file's size in bytes, or Upload-Defer-Length: 1 to state it later"
            )
        }
        guard deferred == "1" else {
            throw RegistryError.invalid(
                "invalid Upload-Defer-Length: the only value is 1; send 1, or Upload-Length instead"
            )
        }
        guard headers[.uploadLength] == nil else {
            throw RegistryError.invalid(
                "Upload-Length and Upload-Defer-Length are mutually exclusive: send only one of them"
            )
        }
        return nil
    }

    /// Parses the size of the whole file; nil if the request does not state it.
    static func statedLength(_ headers: HTTPFields) throws -> Int64? {
        guard let text = headers[.uploadLength] else { return nil }
        guard let size = Int64(digits: text) else {
            throw RegistryError.invalid(
                "invalid Upload-Length \(text.quoted()): send the file's size in bytes"
            )
        }
        return size
    }

    /// Parses the offset of a piece.
    static func offset(_ headers: HTTPFields) throws -> Int64 {
        guard let offset = headers[.uploadOffset].flatMap({ Int64(digits: $0) }) else {
            throw RegistryError.invalid(
                "Upload-Offset is missing or not a number: query the offset with HEAD, then send it"
            )
        }
        return offset
    }

    /// Returns the headers of every response about an upload.
    static func of(_ upload: StoredUpload) -> HTTPFields {
        var headers: HTTPFields = [
            .tusResumable: version, .uploadOffset: String(upload.offset),
            .uploadExpires: upload.expiresAt.httpDate, .cacheControl: "no-store",
        ]
        if let size = upload.sizeInBytes {
            headers[.uploadLength] = String(size)
        } else {
            headers[.uploadDeferLength] = "1"
        }
        return headers
    }
}
