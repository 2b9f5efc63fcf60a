// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOHTTP1
import RegistryAPI
package import RegistryCore

/// How publishing a file ended well.
package enum PublishOutcome: String, Codable, Hashable, Sendable {
    /// The file is published now.
    case created
    /// The same bytes had been published under this name before.
    case unchanged
}

extension RegistryClient {
    /// Publishes a local file.
    ///
    /// - The registry is asked before the body is sent, so a file that exists already costs no upload.
    /// - The body goes with its SHA-256, so the registry never commits bytes that changed on the way.
    /// - When an answer is lost the registry is asked whether the bytes arrived; if so the call succeeds.
    package func publish(
        _ path: String,
        to file: FileCoordinate,
        contract: PublishContract,
        progress: @escaping TransferProgress = { _, _ in }
    ) async throws -> PublishOutcome {
        do {
            try contract.check(file)
        } catch {
            throw ClientError(.usage, "\(error)")
        }
        return try await LocalFile.withFile(path, fileIO) { local in
            let digest = try await local.sha256()
            let before = try await retrying { _ in try await publishedFiles(of: file.versionCoordinate) }
            if try isUnchanged(file, digest, among: before, contract) { return .unchanged }
            return try await retrying { attempt in
                if attempt > 1, try await isPublished(file, digest) { return .created }
                return try await put(local, file, digest, isRepeated: attempt > 1, progress)
            }
        }
    }

    /// Sends the body once; a refusal of a repeated body may be the late success of the one before.
    private func put(
        _ local: LocalFile,
        _ file: FileCoordinate,
        _ digest: Digest,
        isRepeated: Bool,
        _ progress: @escaping TransferProgress
    ) async throws -> PublishOutcome {
        let headers = [
            ("Accept", "application/json"),
            ("Content-Type", "application/octet-stream"),
            ("X-Checksum-Sha256", digest.hex),
        ]
        let body = HTTPClientRequest.Body.stream(local.pieces(progress: progress), length: .known(local.sizeInBytes))
        do {
            let path = Endpoint.path(to: file)
            let response = try await send(.PUT, path, headers: headers, body: body, accepting: [200, 201])
            return response.status.code == 200 ? .unchanged : .created
        } catch let refusal as ClientError where [.conflict, .refused].contains(refusal.code) {
            guard isRepeated, try await isPublished(file, digest) else { throw refusal }
            return .created
        }
    }

    /// The files a version has now, in one attempt; nil when there is no such version.
    private func publishedFiles(of version: VersionCoordinate) async throws -> [FileRecord]? {
        do {
            let record: VersionRecord = try await documentOnce(at: Endpoint.path(toRecordOf: version))
            return record.files
        } catch let error as ClientError where error.code == .notFound {
            return nil
        }
    }

    private func isPublished(_ file: FileCoordinate, _ digest: Digest) async throws -> Bool {
        let files = try await publishedFiles(of: file.versionCoordinate) ?? []
        return files.contains { $0.name == file.file.text && $0.sha256 == digest.hex }
    }

    /// Tells whether nothing is to be done, and throws when the contract will refuse the file.
    private func isUnchanged(
        _ file: FileCoordinate,
        _ digest: Digest,
        among files: [FileRecord]?,
        _ contract: PublishContract
    ) throws -> Bool {
        guard let files else { return false }
        let existing = files.first { $0.name == file.file.text }
        if existing?.sha256 == digest.hex, contract.acceptsIdenticalRetry { return true }
        if let existing {
            let isSame = existing.sha256 == digest.hex
            throw ClientError(
                .conflict,
                isSame
                    ? "\(file) exists already with the same content; nothing is left to do"
                    : "\(file) exists already with other content (there sha256:\(existing.sha256), here \(digest));"
                        + " publish it as a new version"
            )
        }
        guard contract.acceptsFurtherFiles else {
            throw ClientError(
                .conflict,
                "\(file.versionCoordinate) exists already and does not take more files; publish a new version,"
                    + " or delete this one first"
            )
        }
        return false
    }
}
