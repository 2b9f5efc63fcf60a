// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI
import RegistryCore
import RegistryService

/// What the headers of a PUT say about its body.
struct UploadHeaders {
    let announcedSize: Int64?
    let expected: ExpectedDigests

    /// Reads the headers; the request's media type does not count, since a body is bytes, whatever a client calls it.
    init(_ headers: HTTPFields) throws {
        announcedSize = try headers[.contentLength].map(Self.size)
        expected = try ExpectedDigests(
            fields: headers.map { (name: $0.name.canonicalName, value: $0.value) }
                .filter { DigestFields.names.contains($0.name) }
        )
        try Self.refuseForm(headers)
        if let range = headers[.contentRange] { try checkIsWhole(range) }
    }

    /// Refuses a body that is a form, in which the file would be only a part.
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

    /// Refuses a part of a file, which must never be stored as if it were the whole.
    private func checkIsWhole(_ range: String) throws {
        if let size = announcedSize, ContentRange(range)?.isWhole(of: size) ?? false { return }
        throw RegistryError.invalid(
            "Content-Range not supported for a part of a file: send the whole file in one request, without Content-Range, or "
                + "start a resumable upload with POST \(Endpoint.newUpload.template)"
        )
    }
}

extension HTTPFields {
    /// The first value of each header that decides which representation is sent.
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
