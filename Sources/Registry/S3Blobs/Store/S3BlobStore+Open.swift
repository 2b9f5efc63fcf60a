// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryStorage

extension S3BlobStore {
    /// Opens content with the request that also reads it, so that a download costs one request.
    ///
    /// The head of the response says whether the content exists and how large it is. The body stays readable when the content is removed
    /// meanwhile. Small content is read completely, so that a broken response is detected before anything is sent to a client.
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
