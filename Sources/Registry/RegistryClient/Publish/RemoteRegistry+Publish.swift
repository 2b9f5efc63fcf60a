// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import HTTPMessages
import RegistryAPI
package import RegistryCore

/// The result of a successful publish.
package enum PublishOutcome: String, Codable, Hashable, Sendable {
    /// The file was published by this call.
    case created
    /// The same bytes were already published under this name.
    case unchanged
}

extension RemoteRegistry {
    /// Publishes a local file.
    ///
    /// - The client queries the registry before it sends the body, so an existing file costs no upload.
    /// - The request states the SHA-256 of the body, so the registry never commits bytes that changed in transit.
    /// - A large upload resumes after a lost connection.
    /// - After a lost response, the client asks the registry whether the bytes arrived, and succeeds if so.
    package func publish(
        _ path: String,
        to file: FileCoordinate,
        contract: PublishContract,
        progress: @escaping TransferProgress = { _, _ in }
    ) async throws -> PublishOutcome {
        try contract.checkNames([file])
        return try await SourceFile.withFile(path) { local in
            let outgoing = try await OutgoingFile(local, file)
            let before = try await retrying { _ in try await publishedFiles(of: file.versionCoordinate) }
            let missing = try contract.missing([outgoing], of: file.versionCoordinate, having: before)
            guard !missing.isEmpty else { return .unchanged }
            let delivery = Delivery(local: local, file: outgoing, isDraft: false, progress: progress)
            if try await upload(delivery) { return .created }
            do {
                return try await retrying { attempt in
                    if attempt > 1, try await arePublished([outgoing]) { return .created }
                    return try await put(delivery, isRepeated: attempt > 1)
                }
            } catch let refusal as ClientError where refusal.code == .bodyTooLarge {
                guard try await upload(delivery, inPieces: true) else { throw refusal }
                return .created
            }
        }
    }

    /// Sends the whole content once.
    func put(_ delivery: Delivery) async throws -> HTTPClientResponse {
        try await send(
            .put,
            delivery.path,
            headers: delivery.headers + [("Content-Type", "application/octet-stream")],
            body: delivery.body,
            accepting: [200, 201]
        )
    }

    /// Sends the content once; a refusal of a retry may mean that the previous attempt succeeded late.
    private func put(_ delivery: Delivery, isRepeated: Bool) async throws -> PublishOutcome {
        do {
            return try await put(delivery).status == .ok ? .unchanged : .created
        } catch let refusal as ClientError where [.conflict, .refused].contains(refusal.code) {
            guard isRepeated, try await arePublished([delivery.file]) else { throw refusal }
            return .created
        }
    }

    /// Gets the files of a version in one attempt; returns nil when the version does not exist.
    func publishedFiles(of version: VersionCoordinate) async throws -> [FileRecord]? {
        let record: VersionRecord? = try await documentIfAny(at: Endpoint.path(toRecordOf: version))
        return record?.files
    }

    /// Returns whether all these files of one version are published, in one attempt.
    func arePublished(_ files: [OutgoingFile]) async throws -> Bool {
        guard let version = files.first?.coordinate.versionCoordinate else { return true }
        let published = try await publishedFiles(of: version) ?? []
        return files.allSatisfy { file in published.contains { file.isSame(name: $0.name, sha256: $0.sha256) } }
    }
}
