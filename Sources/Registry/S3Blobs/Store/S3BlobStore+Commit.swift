// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
package import RegistryCore
package import RegistryStorage

extension S3BlobStore {
    package func commit(_ staged: StagedContent, as key: BlobKey) async throws {
        let readers = client.readers
        let file = try await readers.complete { try LocalFile.openForReading(staged.path).closes(on: readers) }
        let isLarge = staged.sizeInBytes > configuration.largestSinglePut
        if isLarge || !refusesToOverwrite, try await find(key) != nil {
            throw overwriting(key)
        }
        if isLarge {
            let plan = MultipartPlan(sizeInBytes: staged.sizeInBytes, partSize: configuration.partSize)
            try await MultipartUpload.run(file, plan, to: key, in: self)
        } else {
            try await put(try await FilePart(file, 0..<staged.sizeInBytes, on: client.readers), as: key)
        }
    }

    /// Stores small content with a single request.
    private func put(_ part: FilePart, as key: BlobKey) async throws {
        var request = S3Request(
            method: .put,
            key: path(of: key),
            headers: [("content-type", "application/octet-stream")],
            body: .file(part),
            purpose: "store content \(key)"
        )
        if refusesToOverwrite { request.headers.append(("if-none-match", "*")) }
        let answer = try await client.send(request) { $0.status == 412 }
        if answer.refusal == nil {
            guard answer.entityTag?.contradicts(part.md5) != true else { throw damaged(key) }
            return
        }
        // The key exists: a previous attempt whose response was lost stored the content, or another publisher did.
        guard let found = try await find(key), found.headers[values: .contentLength].first == "\(part.range.count)",
            found.entityTag?.contradicts(part.md5) == false
        else { throw overwriting(key) }
    }

    /// Returns the error for a key that already holds other content.
    private func overwriting(_ key: BlobKey) -> BlobStoreError {
        BlobStoreError(.other, "could not store content \(key): the key already exists and is not overwritten")
    }

    /// Returns the error for stored content that differs from what was sent.
    func damaged(_ key: BlobKey) -> BlobStoreError {
        BlobStoreError(.other, "digest mismatch: the store received other bytes for content \(key) than were sent")
    }
}
