// SPDX-License-Identifier: Apache-2.0

package import RegistryStorage

extension S3BlobStore {
    /// Requests the content at once: the answer's head says whether it is there and how large it is, so that a download
    /// costs one request.
    ///
    /// The body of the answer waits until it is read; it can be read on when the content is removed meanwhile. Small
    /// content is read at once: an answer that breaks is then known before anything is sent to a client.
    package func open(_ key: BlobKey, reading range: Range<Int64>?) async throws -> any OpenBlob {
        let source = S3Content(client: client, key: key, path: path(of: key))
        let answer = try await source.request(range)
        let blob = S3Blob(source: source, sizeInBytes: answer.sizeInBytes, first: FirstAnswer(answer))
        guard range == nil, blob.sizeInBytes <= BufferedBlob.largestSize else { return blob }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(blob.sizeInBytes))
        for try await piece in blob.read(0..<blob.sizeInBytes) { bytes += piece }
        return BufferedBlob(bytes)
    }
}
