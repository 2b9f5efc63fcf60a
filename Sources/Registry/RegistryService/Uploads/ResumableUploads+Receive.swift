// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryMetadata
import RegistryStorage

extension ResumableUploads {
    /// A piece of an upload, as announced by a request.
    package struct Piece: Sendable {
        /// The maximum number of pieces that can be combined.
        private static let mostParts: Int64 = 10_000

        package var upload: StoredUpload
        package let offset: Int64
        /// The size of the body in bytes, when the client announced it.
        package let announcedSize: Int64?
        /// The digests of this piece that the client states.
        package let digests: ExpectedDigests
        /// Whether the request also states the size of the whole file.
        package let statesSize: Bool

        package init(
            upload: StoredUpload,
            offset: Int64,
            announcedSize: Int64?,
            digests: ExpectedDigests,
            statesSize: Bool = false
        ) {
            self.upload = upload
            self.offset = offset
            self.announcedSize = announcedSize
            self.digests = digests
            self.statesSize = statesSize
        }

        /// Returns whether the piece continues an upload.
        ///
        /// A client that states the size last is already past the final byte, although the upload's offset excludes
        /// that byte until the file is published.
        func begins(at upload: StoredUpload) -> Bool {
            offset == (statesSize ? max(upload.offset, upload.received) : upload.offset)
        }

        /// The size of the upload with this piece, as far as the client announced it.
        var end: Int64 { offset + (announcedSize ?? 0) }

        /// Returns how many bytes are made durable at a time; a piece with a stated digest is received whole or not
        /// at all.
        func step(atLeast least: Int64) -> Int64 {
            guard digests.isEmpty else { return .max }
            // With an unknown size, steps grow with the bytes received.
            return max(least, 2 * (upload.sizeInBytes ?? 2 * offset) / Self.mostParts)
        }

        func check() throws {
            try check(announcedSize ?? 0)
            let reachesEnd = announcedSize != nil && end == upload.sizeInBytes
            guard upload.partCount < Self.mostParts || reachesEnd else {
                throw RegistryError.invalid(
                    "too many pieces: the upload already has \(upload.partCount); send the rest in one request"
                )
            }
        }

        /// Rejects a piece that exceeds the missing bytes.
        func check(_ size: Int64) throws {
            guard let sizeInBytes = upload.sizeInBytes else { return }
            let missing = sizeInBytes - offset
            guard size <= missing else {
                throw RegistryError.invalid(
                    "piece too long: only \(missing) of \(sizeInBytes) bytes are missing; send at most these"
                )
            }
        }
    }

    /// Receives the bytes of a piece, makes them durable step by step, and returns the new offset.
    func receive<Body: AsyncSequence>(
        _ piece: Piece,
        as writer: UploadID,
        from body: Body,
        admit: (_ sizeInBytes: Int64) async throws -> Void
    ) async throws -> Int64 where Body.Element == [UInt8] {
        let step = piece.step(atLeast: step)
        var offset = piece.offset
        var file = staging.begin(also: piece.digests.algorithms)
        do {
            do {
                for try await part in body {
                    let size = offset + file.sizeInBytes + Int64(part.count)
                    try piece.check(size - piece.offset)
                    try await admit(size)
                    try await file.append(part)
                    guard file.sizeInBytes >= step else { continue }
                    offset = try await keep(&file, of: piece, from: offset, as: writer)
                    file = staging.begin(also: piece.digests.algorithms)
                }
            } catch let error as RegistryError where error.isBrokenBody && piece.digests.isEmpty {
                offset = try await keep(&file, of: piece, from: offset, as: writer)
                let whole = piece.upload.sizeInBytes.map { " of \($0)" } ?? ""
                throw error.telling("\(offset)\(whole) bytes are kept, resume from there")
            }
            return try await keep(&file, of: piece, from: offset, as: writer)
        } catch let error as UnresolvedPublish {
            throw error
        } catch {
            await file.discard()
            throw error
        }
    }

    /// Makes a part of a piece durable, and discards its staged file.
    private func keep(
        _ file: inout IncomingFile,
        of piece: Piece,
        from offset: Int64,
        as writer: UploadID
    ) async throws -> Int64 {
        guard file.sizeInBytes > 0 else { return offset }
        let (staged, digests) = try await file.finish()
        try UploadFile.verify(digests, piece.digests)
        let key = BlobKey(sha256: staged.sha256, upload: staged.upload)
        let part = UploadPart(key: key, start: offset, sizeInBytes: staged.sizeInBytes)
        do {
            try await blobs.commit(staged, as: key)
            let isRecorded = try await uploads.recordPart(
                part,
                of: piece.upload.id,
                writer: writer,
                lifetime: limits.uploadLifetime
            )
            guard isRecorded else { throw Overtaken() }
        } catch {
            try await forget(key, after: error)
            throw error
        }
        await file.discard()
        return offset + staged.sizeInBytes
    }

    /// Schedules the blob for removal unless a transaction with unknown outcome may have recorded it.
    private func forget(_ key: BlobKey, after error: any Error) async throws {
        do {
            _ = try await removals.condemn([key])
        } catch {
            // The next start removes it.
            throw UnresolvedPublish(cause: error)
        }
    }
}

extension RegistryError {
    /// Whether the body ended early, so that the bytes received are valid.
    fileprivate var isBrokenBody: Bool {
        [.incompleteBody, .timedOut, .unavailable].contains(code)
    }

    /// Returns the same error with the outcome of the upload added.
    fileprivate func telling(_ outcome: String) -> RegistryError {
        switch code {
        case .timedOut: .timedOut("upload too slow: \(outcome)")
        case .unavailable: .unavailable("\(message): \(outcome)")
        default: .incompleteBody("incomplete body: \(outcome)")
        }
    }
}
