// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import RegistryAPI
import RegistryCore
import RegistryMetadata
import RegistryService
import RegistryStorage

extension Response {
    /// The answer to a download.
    ///
    /// - Parameters:
    ///   - selection: What of the content is sent.
    ///   - file: The file.
    ///   - content: The opened content; nil when none is sent.
    ///   - visibility: Decides whether shared caches may keep the answer.
    init(
        _ selection: BlobSelection,
        of file: StoredFile,
        content: (any OpenBlob)? = nil,
        sharing visibility: Visibility
    ) {
        let size = file.blob.sizeInBytes
        self.init(status: .ok, headers: HTTPFields(file, visibility))
        switch selection.part {
        case .whole:
            headers[.contentLength] = String(size)
            body = content.map { ResponseBody(content: $0, range: 0..<size) } ?? ResponseBody()
        case .range(let range):
            status = .partialContent
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound)/\(size)"
            headers[.contentLength] = String(range.count)
            body = content.map { ResponseBody(content: $0, range: Range(range)) } ?? ResponseBody()
        case .unsatisfiable:
            self = ErrorResponse.rangeNotSatisfiable(size: size)
        case .notModified:
            status = .notModified
            headers[.contentType] = nil
        case .preconditionFailed:
            self = ErrorResponse.preconditionFailed()
        }
    }

    /// The answer to a publish.
    init(_ outcome: UploadFile.Outcome, of file: FileCoordinate) {
        switch outcome {
        case .created(let sha256):
            self.init(status: .created)
            headers[.location] = Endpoint.path(to: file)
            headers[.eTag] = EntityTag(sha256).description
        case .unchanged(let sha256):
            self.init(status: .ok)
            headers[.eTag] = EntityTag(sha256).description
        }
        headers[.contentLength] = "0"
    }
}

extension ResponseBody {
    /// A range of some content, read while it is sent.
    init(content: any OpenBlob, range: Range<Int64>) {
        self.init(contentLength: range.count) { writer in
            for try await chunk in content.read(range) { try await writer.write(chunk) }
            try await writer.finish(nil)
        }
    }
}

extension HTTPFields {
    /// The headers that every answer about a file has.
    init(_ file: StoredFile, _ visibility: Visibility) {
        let sha256 = file.blob.sha256
        self = [
            .contentType: "application/octet-stream",
            .eTag: EntityTag(sha256).description,
            .lastModified: file.createdAt.httpDate,
            .acceptRanges: "bytes",
            .contentDisposition: ContentDisposition.attachment(file.name.text),
            // Shared caches may keep public files, but ask each time, since a version can be deleted.
            .cacheControl: visibility == .public ? "public, no-cache" : "private, no-cache",
            .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy: "default-src 'none'; sandbox",
            .reprDigest: DigestFields.structured([sha256]),
            .digest: DigestFields.legacy([sha256]),
            .xChecksumSHA256: sha256.hex,
        ]
    }
}

extension HTTPField.Name {
    private static func named(_ name: String) -> Self {
        guard let name = Self(name) else { preconditionFailure("\(name) is not a header's name") }
        return name
    }

    static let reprDigest = named("Repr-Digest")
    static let digest = named("Digest")
    static let xChecksumSHA256 = named("X-Checksum-Sha256")
    static let xRequestID = named("X-Request-Id")
}
