// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import HTTPMessages
import RegistryAPI
import RegistryCore

extension RemoteRegistry {
    /// Reads a published file from start to end, resumes after lost connections, and verifies size and SHA-256.
    ///
    /// The sink receives each piece with its offset. After a refused resumption, offsets restart at zero. The sink must throw only
    /// `ClientError`s: other errors count as a lost connection.
    func receive(
        _ file: FileCoordinate,
        expecting record: FileRecord,
        progress: TransferProgress,
        sink: ([UInt8], Int64) async throws -> Void
    ) async throws {
        var content = ReceivedContent()
        var attempt = 1
        while true {
            let before = content.count
            do {
                try await receiveRest(of: file, &content, record, progress: progress, sink: sink)
                break
            } catch let failure as ClientError where failure.code == .unavailable {
                // A connection that transferred data resets the attempts, so that a long download survives any number of lost connections.
                if content.count > before { attempt = 1 }
                try await pause(afterAttempt: attempt, failure)
                attempt += 1
            }
        }
        let digest = try content.digest()
        guard digest.hex == record.sha256.lowercased() else {
            throw ClientError(
                .verificationFailed,
                "digest mismatch for \(file): expected sha256:\(record.sha256), received \(digest);"
                    + " download it again, and report a repeated mismatch to the registry's administrator"
            )
        }
    }

    /// Receives what one connection provides.
    private func receiveRest(
        of file: FileCoordinate,
        _ content: inout ReceivedContent,
        _ record: FileRecord,
        progress: TransferProgress,
        sink: ([UInt8], Int64) async throws -> Void
    ) async throws {
        var headers = [("Accept", "application/octet-stream, */*"), ("Accept-Encoding", "identity")]
        if content.count > 0 {
            headers += [("Range", "bytes=\(content.count)-"), ("If-Range", "\"\(record.sha256)\"")]
        }
        let response = try await open(file, headers: headers)
        if response.status.code == 206 {
            try checkRange(response.headers[values: .contentRange].first, from: content.count, record, file)
        } else {
            content = ReceivedContent()
        }
        do {
            for try await piece in response.body {
                guard content.count + Int64(piece.count) <= record.size else {
                    throw changed(file, "it is longer than the \(record.size) bytes recorded")
                }
                try await sink(piece, content.count)
                content.append(piece)
                progress(content.count, record.size)
            }
        } catch {
            throw lostConnection(error)
        }
        guard content.count == record.size else {
            throw ClientError(
                .unavailable,
                "the download of \(file) ended after \(content.count) of \(record.size) bytes; rerun the command"
            )
        }
    }

    /// Checks that a 206 response has exactly the requested part (RFC 9110 section 15.3.7).
    private func checkRange(_ header: String?, from start: Int64, _ record: FileRecord, _ file: FileCoordinate) throws {
        let size = record.size
        guard start > 0, header == "bytes \(start)-\(size - 1)/\(size)" else {
            throw changed(
                file,
                "the registry sent the range \((header ?? "").quoted()) instead of the one from \(start)"
            )
        }
    }

    private func changed(_ file: FileCoordinate, _ reason: String) -> ClientError {
        ClientError(.verificationFailed, "\(file) does not match the registry's record: \(reason); download it again")
    }
}
