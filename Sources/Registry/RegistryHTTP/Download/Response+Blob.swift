// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService
import RegistryStorage

extension Response {
    /// Creates the response to a download; `visibility` determines whether shared caches may store it.
    init(_ selection: BlobSelection, of file: StoredFile, sharing visibility: Visibility, body: ResponseBody = .none)
        throws
    {
        let size = file.blob.sizeInBytes
        self.init(status: .ok, headers: HTTPFields(file, visibility), body: body)
        switch selection.part {
        case .whole:
            headers[.contentLength] = String(size)
        case .range(let range):
            status = .partialContent
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound)/\(size)"
            headers[.contentLength] = String(range.count)
        case .several(let ranges):
            status = .partialContent
            headers[.contentType] = ranges.contentType
            headers[.contentLength] = String(ranges.sizeInBytes)
        case .unsatisfiable:
            throw ErrorResponse.rangeNotSatisfiable(size: size)
        case .notModified:
            status = .notModified
            headers[.contentType] = nil
            // RFC 9110, section 8.6: the length would have to be that of the content.
            headers[.contentLength] = nil
        case .preconditionFailed:
            throw RegistryError.preconditionFailed(
                "precondition failed: the file differs from the version you have"
            )
        }
    }

    /// Creates a redirect to a content URL, with the digests to verify the content.
    init(redirectTo url: String, for file: StoredFile) {
        let sha256 = file.blob.sha256
        self.init(
            status: .found,
            headers: [
                .location: url,
                .eTag: EntityTag(sha256).description,
                .reprDigest: DigestFields.structured([sha256]),
                .digest: DigestFields.legacy([sha256]),
                .xChecksumSHA256: sha256.hex,
                // The URL is valid only briefly.
                .cacheControl: "no-store",
            ]
        )
    }

    /// Creates the response with a checksum file; caches must revalidate it, because its version may get more files.
    init(_ checksums: ChecksumFile, sharing visibility: Visibility) async throws {
        self.init(
            status: .ok,
            headers: [
                .contentType: "text/plain; charset=utf-8", .cacheControl: Self.cacheControl(visibility),
                .xContentTypeOptions: "nosniff",
            ],
            body: try await ResponseBody(listing: checksums.files) { Array(try await checksums.line($0).utf8) }
        )
    }

    /// Returns the cache policy; shared caches must revalidate even public files, because a version can be deleted.
    fileprivate static func cacheControl(_ visibility: Visibility) -> String {
        visibility == .public ? "public, no-cache" : "private, no-cache"
    }

    /// Creates the response to a publish.
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
    }
}

extension StoredFile {
    /// The publication time, limited to the current time.
    ///
    /// It must not be later than the response's `Date` (RFC 9110, section 8.8.2.1), even if the clock was ahead at
    /// publication.
    var lastModified: Timestamp {
        min(createdAt, Timestamp(microseconds: Int64(time(nil)) * 1_000_000))
    }
}

extension HTTPFields {
    /// Creates the headers of every response about a file.
    init(_ file: StoredFile, _ visibility: Visibility) {
        let sha256 = file.blob.sha256
        self = [
            .contentType: "application/octet-stream",
            .eTag: EntityTag(sha256).description,
            .lastModified: file.lastModified.httpDate,
            .acceptRanges: "bytes",
            .contentDisposition: ContentDisposition.attachment(file.name.text),
            .cacheControl: Response.cacheControl(visibility),
            .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy: "default-src 'none'; sandbox",
            .reprDigest: DigestFields.structured([sha256]),
            .digest: DigestFields.legacy([sha256]),
            .xChecksumSHA256: sha256.hex,
        ]
    }
}

extension LocalFile: FileContent {}

extension ResponseBody {
    /// Returns a body with a range of a file's content, sent by the kernel if possible, otherwise read in pieces.
    static func content(_ content: any OpenBlob, _ range: Range<Int64>) -> ResponseBody {
        if let file = content.localFile { return .file(file, range) }
        return .stream(length: Int64(range.count)) { writer in
            for try await piece in content.read(range) { try await writer.write(piece) }
        }
    }

    /// Returns a body with several ranges of a file's content, each with its part header.
    static func content(_ content: any OpenBlob, _ ranges: MultipartRanges) -> ResponseBody {
        .stream(length: ranges.sizeInBytes) { writer in
            for part in ranges.parts {
                try await writer.write(Array(part.heading.utf8))
                for try await piece in content.read(Range(part.range)) { try await writer.write(piece) }
            }
            try await writer.write(Array(ranges.closing.utf8))
        }
    }
}
