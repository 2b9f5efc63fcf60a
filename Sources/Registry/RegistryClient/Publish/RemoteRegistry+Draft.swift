// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPClient
import HTTPMessages
import RegistryAPI
package import RegistryCore

extension RemoteRegistry {
    /// Publishes local files of one version atomically: all of them become visible, or none.
    ///
    /// Returns an outcome per file.
    ///
    /// - Several files are collected in the version's draft, which is then published with exactly their digests.
    /// - An existing draft is resumed: its files are not sent again. A draft with other files is an error, and nothing is sent.
    /// - Publishing the draft is idempotent, so it is retried when the response is lost.
    package func publish(
        _ files: [FileToPublish],
        as version: VersionCoordinate,
        contract: PublishContract,
        progress: @escaping TransferProgress = { _, _ in }
    ) async throws -> [PublishOutcome] {
        if let only = files.first, files.count == 1 {
            return [try await publish(only.path, to: only.coordinate, contract: contract, progress: progress)]
        }
        try contract.checkNames(files.map(\.coordinate))
        let outgoing = try await digests(of: files)
        let before = try await retrying { _ in try await publishedFiles(of: version) }
        let missing = try contract.missing(outgoing, of: version, having: before)
        guard !missing.isEmpty else { return files.map { _ in .unchanged } }
        let draft = try await retrying { _ in try await self.draft(of: version) }?.files ?? []
        try checkDraft(draft, of: version, for: missing)
        let unsent = missing.filter { file in !draft.contains { file.isSame(name: $0.name, sha256: $0.sha256) } }
        try await addToDraft(unsent, progress: progress)
        let outcome = try await publishDraft(of: version, with: missing)
        let published = Set(missing.map(\.coordinate))
        return files.map { published.contains($0.coordinate) ? outcome : .unchanged }
    }

    /// Discards the draft of a version.
    package func deleteDraft(of version: VersionCoordinate) async throws {
        try await delete(at: Endpoint.path(toReleaseOf: version))
    }

    /// Discards one file of a draft; the last file removes the draft.
    package func deleteDraft(of file: FileCoordinate) async throws {
        try await delete(at: Endpoint.path(toDraftOf: file))
    }

    private func digests(of files: [FileToPublish]) async throws -> [OutgoingFile] {
        var outgoing: [OutgoingFile] = []
        for file in files {
            let read = try await SourceFile.withFile(file.path) { try await OutgoingFile($0, file.coordinate) }
            outgoing.append(read)
        }
        return outgoing
    }

    /// Gets the draft of a version in one attempt; returns nil when there is none.
    private func draft(of version: VersionCoordinate) async throws -> DraftRecord? {
        try await documentIfAny(at: Endpoint.path(toReleaseOf: version))
    }

    /// Throws when the draft has further files, which may be the work of another publisher.
    private func checkDraft(_ draft: [DraftFileRecord], of version: VersionCoordinate, for files: [OutgoingFile]) throws
    {
        let wanted = Set(files.map(\.coordinate.file.text))
        let others = draft.map(\.name).filter { !wanted.contains($0) }
        guard others.isEmpty else {
            let names = others.map { $0.quoted() }.joined(separator: ", ")
            throw ClientError(
                .conflict,
                "the draft of \(version) has additional files: \(names); publish them as well, or discard"
                    + " the draft with granary delete --draft \(version)"
            )
        }
    }

    /// Sends the files one after another to the draft of their version; progress covers all of them.
    private func addToDraft(_ files: [OutgoingFile], progress: @escaping TransferProgress) async throws {
        let total = files.reduce(0) { $0 + $1.sizeInBytes }
        var sent: Int64 = 0
        for file in files {
            let before = sent
            try await addToDraft(file) { transferred, _ in progress(before + transferred, total) }
            sent += file.sizeInBytes
        }
    }

    private func addToDraft(_ file: OutgoingFile, progress: @escaping TransferProgress) async throws {
        try await SourceFile.withFile(file.path) { local in
            let delivery = Delivery(local: local, file: file, isDraft: true, progress: progress)
            if try await upload(delivery) { return }
            do {
                _ = try await retrying { _ in try await put(delivery) }
            } catch let refusal as ClientError where refusal.code == .bodyTooLarge {
                guard try await upload(delivery, inPieces: true) else { throw refusal }
            }
        }
    }

    /// Publishes the draft if it has exactly these files.
    private func publishDraft(
        of version: VersionCoordinate,
        with files: [OutgoingFile]
    ) async throws -> PublishOutcome {
        let digests = files.map { ($0.coordinate.file.text, $0.digest.hex) }
        let request = PublishDraftRequest(files: Dictionary(uniqueKeysWithValues: digests))
        let body = Array(try JSONEncoder().encode(request))
        return try await retrying { attempt in
            do {
                let response = try await send(
                    .post,
                    Endpoint.path(toReleaseOf: version),
                    headers: [("Accept", "application/json"), ("Content-Type", "application/json")],
                    body: .bytes(body),
                    accepting: [200, 201]
                )
                return response.status == .ok && attempt == 1 ? .unchanged : .created
            } catch let refusal as ClientError where attempt > 1 && refusal.code != .unavailable {
                // A missing draft means that the previous attempt published it.
                guard try await arePublished(files) else { throw refusal }
                return .created
            }
        }
    }
}
