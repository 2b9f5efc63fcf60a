// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPClient
import HTTPMessages
import RegistryAPI
package import RegistryCore

extension RegistryClient {
    /// Publishes local files of one version in one act: all of them become visible, or none; returns how each ended.
    ///
    /// - Several files are gathered in the version's draft, which is then published by naming exactly their digests.
    /// - A draft that is there is gone on with: what it has is not sent again. Nothing is sent when it has other files.
    /// - When the answer to the act is lost it is repeated, which does no harm.
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

    /// Drops the draft of a version.
    package func deleteDraft(of version: VersionCoordinate) async throws {
        try await delete(at: Endpoint.path(toReleaseOf: version))
    }

    /// Drops one file of a draft, which goes with its last file.
    package func deleteDraft(of file: FileCoordinate) async throws {
        try await delete(at: Endpoint.path(toDraftOf: file))
    }

    private func digests(of files: [FileToPublish]) async throws -> [OutgoingFile] {
        var outgoing: [OutgoingFile] = []
        for file in files {
            let read = try await LocalFile.withFile(file.path) { try await OutgoingFile($0, file.coordinate) }
            outgoing.append(read)
        }
        return outgoing
    }

    /// The draft of a version, in one attempt; nil when there is none.
    private func draft(of version: VersionCoordinate) async throws -> DraftRecord? {
        try await documentIfAny(at: Endpoint.path(toReleaseOf: version))
    }

    /// A draft with more than what is to be published may be somebody else's work.
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

    /// Sends the files one after another into the draft of their version; progress is that of all together.
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
        try await LocalFile.withFile(file.path) { local in
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
                // The draft is gone when the attempt before published it.
                guard try await arePublished(files) else { throw refusal }
                return .created
            }
        }
    }
}
