// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import Loops
import RegistryAPI
import RegistryCore
import RegistryService
import RegistryStorage

extension RouteContext {
    /// Returns the upload of the path; the caller must have write access to its owner.
    func resumableUpload(_ request: Request) async throws -> (upload: StoredUpload, owner: Owner) {
        try TusHeaders.check(request.headers)
        let id = try path.upload()
        do {
            return try await findUpload(id)
        } catch is OwnerMoved {
            // Renamed between the two look-ups: the upload now has the new name.
            return try await findUpload(id)
        } catch is HiddenUpload {
            throw ResumableUploads.unknown
        } catch let error as RegistryError where error.code == .notFound {
            // Do the same work as for a hidden owner, so that the response time does not reveal it.
            do { _ = try await authorize(.write, on: account().name) } catch is RegistryError {}
            throw ResumableUploads.unknown
        }
    }

    /// Returns an upload and its owner, without revealing a hidden owner's name.
    private func findUpload(_ id: UploadID) async throws -> (upload: StoredUpload, owner: Owner) {
        let upload = try await services.resumableUploads.find(id)
        do {
            let owner = try await authorize(.write, on: upload.file.owner)
            // The name may have passed to another owner since the upload was found.
            guard owner.id == upload.ownerID else { throw HiddenUpload() }
            return (upload, owner)
        } catch let error as RegistryError where error.code == .notFound {
            throw HiddenUpload()
        }
    }

    /// Receives a request's body as a piece of an upload, after recording the file size if the request states it.
    func append(
        _ request: Request,
        at offset: Int64,
        of sizeInBytes: Int64?,
        to upload: StoredUpload,
        of owner: Owner
    ) async throws -> ResumableUploads.Outcome {
        var piece = ResumableUploads.Piece(
            upload: upload,
            offset: offset,
            announcedSize: request.contentLength,
            digests: try ExpectedDigests(ofPiece: request.headers),
            statesSize: sizeInBytes != nil
        )
        guard let digests = upload.digests.adding(try ExpectedDigests(ofWhole: request.headers)) else {
            throw RegistryError.invalid(
                "conflicting digests: an earlier request of this upload stated another digest; send the correct one, or "
                    + "start a new upload"
            )
        }
        let stated = try file(of: upload, owner, sizeInBytes: sizeInBytes ?? upload.sizeInBytes, digests: digests)
        guard let known = try await services.resumableUploads.state(stated, with: piece) else {
            return .elsewhere(try await services.resumableUploads.find(upload.id).offset)
        }
        piece.upload = known
        let file = try file(of: known, owner, sizeInBytes: known.sizeInBytes, digests: known.digests)
        // Received bytes are kept, so a shutdown need not wait for a slow client.
        return try await services.shutdown.withHandler {
            try await services.resumableUploads.append(piece, file, from: request.content)
        } onRequest: {
            request.body.interrupt()
        }
    }

    private func file(
        of upload: StoredUpload,
        _ owner: Owner,
        sizeInBytes: Int64?,
        digests: ExpectedDigests
    ) throws -> UploadFile.Request {
        UploadFile.Request(
            file: upload.file,
            owner: owner,
            contract: contract(of: owner),
            creator: try account(),
            credential: caller.credential,
            announcedSize: sizeInBytes,
            expected: digests,
            isDraft: upload.isDraft
        )
    }
}

/// The error for an upload whose owner is hidden from the caller.
private struct HiddenUpload: Error {}

extension Request {
    /// The value of the query parameter `draft`.
    var isDraft: Bool {
        get throws {
            switch query["draft"] {
            case nil, "false": return false
            case "true": return true
            case let other?:
                throw RegistryError.invalid(
                    "invalid query parameter draft \(other.quoted()): send true or false"
                )
            }
        }
    }

    /// Returns the offset of a body sent by curl, and the size of the whole file if known.
    func place(in upload: StoredUpload) throws -> (offset: Int64, sizeInBytes: Int64?) {
        let stated = try TusHeaders.statedLength(headers)
        // Without a range, the body is the whole file.
        guard let text = headers[.contentRange] else { return (0, stated ?? upload.sizeInBytes ?? contentLength) }
        let size = stated ?? upload.sizeInBytes
        guard let range = ContentRange(text), range.size.map({ size == nil || $0 == size }) ?? true else {
            let part = size.map { "a range of the \($0) bytes of this upload" } ?? "a range of a file"
            throw RegistryError.invalid(
                "invalid Content-Range: it is not \(part); send bytes FIRST-LAST/\(size.map(String.init) ?? "SIZE")"
            )
        }
        guard headers[.contentLength].map({ $0 == String(range.count) }) ?? true else {
            throw RegistryError.invalid(
                "Content-Range mismatch: the request body has another length; send exactly that range"
            )
        }
        return (range.bytes.lowerBound, size ?? range.size)
    }
}

extension ExpectedDigests {
    /// The headers that refer to the body of the message itself.
    private static let ofMessage: Set<String> = ["content-digest", "content-md5"]

    /// Parses the digests of the whole file from a request.
    init(ofWhole headers: HTTPFields) throws {
        try self.init(headers) { DigestFields.names.contains($0) && !Self.ofMessage.contains($0) }
    }

    /// Parses the digests of the piece in a request's body.
    init(ofPiece headers: HTTPFields) throws {
        try self.init(headers) { Self.ofMessage.contains($0) }
    }

    private init(_ headers: HTTPFields, _ isWanted: (String) -> Bool) throws {
        try self.init(
            fields: headers.map { (name: $0.name.canonicalName, value: $0.value) }.filter { isWanted($0.name) }
        )
    }
}

extension HTTPFields {
    /// Replaces fields with those of another list.
    mutating func set(_ others: HTTPFields) {
        for field in others { self[field.name] = field.value }
    }
}
