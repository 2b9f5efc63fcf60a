// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import HTTPMessages
import Loops
import RegistryAPI
import RegistryCore

extension RemoteRegistry {
    /// The minimum size of a file for a resumable upload.
    ///
    /// Below it, sending the whole file again costs less than an additional request per file.
    static let resumableSize: Int64 = 16 << 20

    /// The sizes of pieces for a proxy with a body limit: the upper bound is tried first, and smaller pieces are not useful.
    private static let pieceSizes: ClosedRange<Int64> = 256 << 10...16 << 20

    /// Sends a file as a resumable upload, in pieces where a proxy limits the body.
    ///
    /// Returns false when the file must be sent whole: it is small, or the registry does not support resumable uploads.
    func upload(_ delivery: Delivery, inPieces: Bool = false) async throws -> Bool {
        guard inPieces || delivery.local.sizeInBytes >= Self.resumableSize else { return false }
        var upload: UploadRecord?
        do {
            return try await goOn(with: &upload, delivery, inPieces: inPieces)
        } catch {
            if let upload { await drop(upload) }
            throw error
        }
    }

    /// Deletes an abandoned upload, which would use space until it expires.
    ///
    /// Makes one attempt of at most two seconds, even when the task is cancelled.
    private func drop(_ upload: UploadRecord) async {
        await withoutCancellation {
            await withTaskGroup { group in
                group.addTask { _ = try? await send(.delete, Endpoint.path(toUpload: upload.id), accepting: [204]) }
                group.addTask { try? await Task.sleep(for: .seconds(2)) }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private func goOn(with upload: inout UploadRecord?, _ delivery: Delivery, inPieces: Bool) async throws -> Bool {
        var pieceSize = inPieces ? Self.pieceSizes.upperBound : Int64.max
        var furthest: Int64 = 0
        var attempt = 1
        while true {
            guard let now = try await retrying({ _ in try await state(of: upload, delivery) }) else { return false }
            if now.published { return true }
            // A connection that transferred data resets the attempts, so that a long upload survives any number of lost connections.
            if now.offset > furthest {
                furthest = now.offset
                attempt = 1
            }
            upload = now
            do {
                if try await sendRest(of: delivery, to: now, atMost: pieceSize) { return true }
            } catch let refusal as ClientError
                where refusal.code == .bodyTooLarge && pieceSize > Self.pieceSizes.lowerBound
            {
                pieceSize = min(pieceSize / 4, Self.pieceSizes.upperBound)
            } catch let failure as ClientError where failure.code == .unavailable {
                try await pause(afterAttempt: attempt, failure)
                attempt += 1
            }
        }
    }

    /// Queries the upload in one attempt, or starts a new one when it is gone; returns nil when the registry supports none.
    private func state(of upload: UploadRecord?, _ delivery: Delivery) async throws -> UploadRecord? {
        if let upload, let now: UploadRecord = try await documentIfAny(at: Endpoint.path(toUpload: upload.id)) {
            return now
        }
        let path = delivery.pathOfNewUpload
        let headers = delivery.headers + [("Upload-Length", "\(delivery.local.sizeInBytes)")]
        let response = try await send(.post, path, headers: headers, accepting: [201, 404, 405])
        // An older registry. A newer one with another reason for this status gives it for a whole file, too.
        guard response.status == .created else { return nil }
        return try await document(in: response, from: path)
    }

    /// Sends the rest in one request, or a piece of it; returns whether the file is complete.
    private func sendRest(of delivery: Delivery, to upload: UploadRecord, atMost pieceSize: Int64) async throws -> Bool
    {
        let size = delivery.local.sizeInBytes
        guard (0...size).contains(upload.offset) else {
            throw ClientError(
                .refused,
                "the registry has \(upload.offset) bytes of \(delivery.file.coordinate), which has \(size); report this to"
                    + " its administrator"
            )
        }
        let headers = [
            ("Accept", "application/json"),
            ("Content-Type", "application/offset+octet-stream"),
            ("Upload-Offset", "\(upload.offset)"),
        ]
        let path = Endpoint.path(toUpload: upload.id)
        let count = min(size - upload.offset, pieceSize)
        let body = delivery.body(upload.offset..<upload.offset + count)
        _ = try await send(.patch, path, headers: headers, body: body, accepting: [204])
        return upload.offset + count == size
    }
}
