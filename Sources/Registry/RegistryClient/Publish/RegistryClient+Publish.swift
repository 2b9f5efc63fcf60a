// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import HTTPMessages
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
    /// - A large file goes on after a lost connection where it stopped.
    /// - When an answer is lost the registry is asked whether the bytes arrived; if so the call succeeds.
    package func publish(
        _ path: String,
        to file: FileCoordinate,
        contract: PublishContract,
        progress: @escaping TransferProgress = { _, _ in }
    ) async throws -> PublishOutcome {
        try contract.checkNames([file])
        return try await LocalFile.withFile(path) { local in
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

    /// Sends the content once; a refusal of repeated content may be the late success of the one before.
    private func put(_ delivery: Delivery, isRepeated: Bool) async throws -> PublishOutcome {
        do {
            return try await put(delivery).status == .ok ? .unchanged : .created
        } catch let refusal as ClientError where [.conflict, .refused].contains(refusal.code) {
            guard isRepeated, try await arePublished([delivery.file]) else { throw refusal }
            return .created
        }
    }

    /// The files a version has now, in one attempt; nil when there is no such version.
    func publishedFiles(of version: VersionCoordinate) async throws -> [FileRecord]? {
        let record: VersionRecord? = try await documentIfAny(at: Endpoint.path(toRecordOf: version))
        return record?.files
    }

    /// Tells whether all these files of one version are published, in one attempt.
    func arePublished(_ files: [OutgoingFile]) async throws -> Bool {
        guard let version = files.first?.coordinate.versionCoordinate else { return true }
        let published = try await publishedFiles(of: version) ?? []
        return files.allSatisfy { file in published.contains { file.isSame(name: $0.name, sha256: $0.sha256) } }
    }
}
