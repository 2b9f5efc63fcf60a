// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Loops
import RegistryCore
import RegistryStorage

/// A multipart upload of large content that sends parts concurrently and aborts on failure, so that no parts remain in the store.
struct MultipartUpload: Sendable {
    /// A part that the store holds.
    private struct StoredPart: Sendable {
        let number: Int
        /// The entity tag, unchanged for the request that completes the upload.
        let entityTag: String
        let md5: Digest
    }

    let store: S3BlobStore
    let key: BlobKey
    /// The store's upload ID.
    let upload: String

    private var client: S3Client { store.client }

    static func run(_ file: LocalFile, _ plan: MultipartPlan, to key: BlobKey, in store: S3BlobStore) async throws {
        let upload = MultipartUpload(store: store, key: key, upload: try await begin(key, in: store))
        do {
            let parts = try await upload.send(plan.parts, of: file)
            try await upload.assemble(parts, sizeInBytes: plan.parts.last?.upperBound ?? 0)
        } catch {
            // An abandoned publish must not leave parts in the store, even when the client has disconnected.
            await withoutCancellation { try? await upload.abort() }
            throw error
        }
    }

    /// Aborts an upload and removes all its parts.
    func abort() async throws {
        let request = request(.delete, "abort the upload of content \(key)", query: [("uploadId", upload)])
        _ = try await client.send(request) { $0.status == 404 && $0.code == "NoSuchUpload" }
    }

    private static func begin(_ key: BlobKey, in store: S3BlobStore) async throws -> String {
        // A retry after a lost response starts a second upload. Housekeeping removes the first one.
        let request = S3Request(
            method: .post,
            key: store.path(of: key),
            query: [("uploads", "")],
            headers: [("content-type", "application/octet-stream")],
            purpose: "start the upload of content \(key)"
        )
        guard let upload = try await store.client.send(request).document?["UploadId"] else {
            throw BlobStoreError(
                .other,
                "could not start the upload of content \(key): the store returned no upload ID"
            )
        }
        return upload
    }

    private func send(_ ranges: [Range<Int64>], of file: LocalFile) async throws -> [StoredPart] {
        try await withThrowingTaskGroup(of: StoredPart.self) { group in
            var waiting = ranges.enumerated().makeIterator()
            func sendNext() {
                guard let (index, range) = waiting.next() else { return }
                group.addTask { try await send(range, number: index + 1, of: file) }
            }
            for _ in 0..<MultipartPlan.partsAtOnce { sendNext() }
            var stored: [StoredPart] = []
            while let part = try await group.next() {
                stored.append(part)
                sendNext()
            }
            return stored.sorted { $0.number < $1.number }
        }
    }

    private func send(_ range: Range<Int64>, number: Int, of file: LocalFile) async throws -> StoredPart {
        let part = try await FilePart(file, range, on: client.readers)
        var request = request(
            .put,
            "store part \(number) of content \(key)",
            query: [("partNumber", "\(number)"), ("uploadId", upload)]
        )
        request.body = .file(part)
        let answer = try await client.send(request)
        guard let tag = answer.entityTag, !tag.contradicts(part.md5) else { throw store.damaged(key) }
        return StoredPart(number: number, entityTag: tag.text, md5: part.md5)
    }

    /// Completes the upload from its parts.
    ///
    /// The response may be lost or belong to a second attempt, so the content found afterwards decides.
    private func assemble(_ parts: [StoredPart], sizeInBytes: Int64) async throws {
        var request = request(.post, "complete the upload of content \(key)", query: [("uploadId", upload)])
        let lines = parts.map {
            "<Part><PartNumber>\($0.number)</PartNumber><ETag>\"\($0.entityTag)\"</ETag></Part>"
        }
        request.body = .bytes(
            Array("<CompleteMultipartUpload>\(lines.joined())</CompleteMultipartUpload>".utf8)
        )
        request.headers = [("content-type", "application/xml")]
        var failure: (any Error)?
        do {
            let limit = client.timeouts.assembly
            _ = try await client.send(request, patience: S3Client.Patience(call: limit, silence: limit))
        } catch let error as BlobStoreError {
            failure = error
        }
        guard let found = try await store.find(key) else {
            throw failure
                ?? BlobStoreError(
                    .other,
                    "content \(key) is missing after its upload was completed; upload the file again"
                )
        }
        guard found.headers[values: .contentLength].first == "\(sizeInBytes)",
            found.entityTag?.contradicts(parts: parts.map(\.md5)) == false
        else { throw store.damaged(key) }
    }

    private func request(
        _ method: HTTPRequest.Method,
        _ purpose: String,
        query: [(name: String, value: String)]
    ) -> S3Request {
        S3Request(method: method, key: store.path(of: key), query: query, purpose: purpose)
    }
}
