// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import HTTPMessages
import Loops
import RegistryAPI
import RegistryCore

extension RegistryClient {
    /// The size from which on files are sent so that they can go on after a lost connection.
    ///
    /// Below it, sending all of a file again costs less than beginning every file with a request of its own.
    static let resumableSize: Int64 = 16 << 20

    /// The largest piece that is tried where a proxy takes no more at once, and the smallest: less is no use.
    private static let pieceSizes: ClosedRange<Int64> = 256 << 10...16 << 20

    /// Sends a file by an upload that goes on after a lost connection where it stopped, in pieces where a proxy takes no more at once.
    ///
    /// False when the file is to be sent whole: it is small, or the registry knows no such uploads.
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

    /// Drops an abandoned upload, whose bytes would take up room until it expires.
    ///
    /// It is tried once and for two seconds, also on behalf of a task that was cancelled.
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
            if now.isPublished { return true }
            // A connection that moved data was worth its attempt, so a long upload is not bound to a few of them.
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

    /// Asks in one attempt where the upload is, or begins one when there is none any more; nil when the registry has none.
    private func state(of upload: UploadRecord?, _ delivery: Delivery) async throws -> UploadRecord? {
        if let upload, let now: UploadRecord = try await documentIfAny(at: Endpoint.path(toUpload: upload.id)) {
            return now
        }
        let path = delivery.pathOfNewUpload
        let headers = delivery.headers + [("Upload-Length", "\(delivery.local.sizeInBytes)")]
        let response = try await send(.post, path, headers: headers, accepting: [201, 404, 405])
        // An older registry. A new one that says so for its own reasons says it to a whole file as well.
        guard response.status == .created else { return nil }
        return try await document(in: response, from: path)
    }

    /// Sends what is missing in one request, or a piece of it; returns whether the file is where it belongs.
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
