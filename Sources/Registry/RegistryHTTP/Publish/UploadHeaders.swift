// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI
import RegistryCore
import RegistryService

/// The headers of a PUT that describe its body.
struct UploadHeaders {
    let announcedSize: Int64?
    let expected: ExpectedDigests

    /// Parses the headers; the media type is ignored, because the body is stored as raw bytes.
    init(_ headers: HTTPFields) throws {
        announcedSize = try headers[.contentLength].map(Self.size)
        expected = try ExpectedDigests(
            fields: headers.map { (name: $0.name.canonicalName, value: $0.value) }
                .filter { DigestFields.names.contains($0.name) }
        )
        try Self.refuseForm(headers)
        if let range = headers[.contentRange] { try checkIsWhole(range) }
    }

    /// Rejects a multipart form, in which the file would be only a part.
    static func refuseForm(_ headers: HTTPFields) throws {
        guard let type = headers[.contentType]?.lowercased(), type.hasPrefix("multipart/form-data") else { return }
        throw RegistryError.invalid(
            "multipart forms are not supported: send the raw file as the request body, for example with curl -T FILE"
        )
    }

    private static func size(_ text: String) throws -> Int64 {
        guard let size = Int64(text), size >= 0 else {
            throw RegistryError.invalid("invalid Content-Length: send the number of bytes, or omit the header")
        }
        return size
    }

    /// Rejects a part of a file, which must never be stored as the whole.
    private func checkIsWhole(_ range: String) throws {
        if let size = announcedSize, ContentRange(range)?.isWhole(of: size) ?? false { return }
        throw RegistryError.invalid(
            "Content-Range not supported for a part of a file: send the whole file in one request, without Content-Range, or "
                + "start a resumable upload with POST \(Endpoint.newUpload.template)"
        )
    }
}

extension HTTPFields {
    /// The preconditions in the headers.
    var preconditions: Preconditions {
        Preconditions(
            ifMatch: self[.ifMatch],
            ifUnmodifiedSince: self[.ifUnmodifiedSince],
            ifNoneMatch: self[.ifNoneMatch],
            ifModifiedSince: self[.ifModifiedSince],
            ifRange: self[.ifRange]
        )
    }
}
