// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import RegistryCore
import RegistryMetadata
import RegistryService
import RegistryStorage

extension RouteContext {
    /// Opens a file's content, to be counted as a download when its last byte has been sent.
    func body(of file: StoredFile, _ selection: BlobSelection) async throws -> BlobBody {
        let content = try await services.downloadFile.open(file)
        let downloads = services.downloads
        let counts = selection.includesLastByte(of: file)
        return BlobBody(content: content, channel: channel) { if counts { downloads.count(file.id) } }
    }

    /// Keeps the answer to a GET of a whole file for whoever asks next.
    func keepHot(
        _ response: Response,
        _ file: StoredFile,
        _ content: any OpenBlob,
        path: String?,
        since moment: HotFiles.Moment
    ) async throws {
        guard response.status == .ok, let path, let source = content.localFile else { return }
        let entry = HotFiles.Entry(
            fileID: file.id,
            head: response.headers.hotHead,
            content: file.blob.sizeInBytes <= HotFiles.largestBuffer
                ? .bytes(try await content.readAll()) : .file(source),
            sizeInBytes: file.blob.sizeInBytes,
            readers: [actor]
        )
        hotFiles.remember(entry, at: path, for: actor, since: moment)
    }
}

extension OpenBlob {
    /// The whole content, which must be small.
    fileprivate func readAll() async throws -> ByteBuffer {
        var whole = ByteBuffer()
        for try await var chunk in read(0..<sizeInBytes) { whole.writeBuffer(&chunk) }
        return whole
    }
}

extension HTTPFields {
    /// The beginning of a 200 answer of HTTP/1.1 with these fields.
    fileprivate var hotHead: ByteBuffer {
        var head = ByteBuffer(string: "HTTP/1.1 200 OK\r\n")
        for field in self { head.writeString("\(field.name.rawName): \(field.value)\r\n") }
        return head
    }
}
