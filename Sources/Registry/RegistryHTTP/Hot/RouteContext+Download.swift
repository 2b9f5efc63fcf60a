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
        let content = try await services.downloadFile.open(file, reading: selection.firstRange)
        let downloads = services.downloads
        let answer = selection.countedAnswer(of: file, to: channel.clientAddress)
        return BlobBody(content: content, channel: channel) {
            downloads.begin(answer)
        } onEnd: {
            downloads.complete(answer)
        }
    }

    /// Sends a client to the store for content, where that is configured; nil when the registry answers itself.
    ///
    /// The download counts now, since the registry does not see its end.
    func redirect(to file: StoredFile, _ selection: BlobSelection, _ request: Request) -> Response? {
        // The store knows other validators than the registry, so what is asked for under a condition is answered here.
        guard request.headers.preconditions == Preconditions(), !passesCredentialsOn(request),
            let url = services.downloadFile.temporaryURL(of: file)
        else { return nil }
        let answer = selection.countedAnswer(of: file, to: channel.clientAddress)
        services.downloads.begin(answer)
        services.downloads.complete(answer)
        return Response(redirectTo: url, for: file)
    }

    /// Whether a client would send the credentials that are for the registry to the store, which refuses them.
    private func passesCredentialsOn(_ request: Request) -> Bool {
        guard request.headers[.authorization] != nil, let client = request.headers[.userAgent] else { return false }
        return client.hasPrefix("Wget/") || client.hasPrefix("aria2/")
    }

    /// Keeps the answer to a GET of a whole file for whoever asks next.
    func keepHot(
        _ response: Response,
        _ file: StoredFile,
        _ content: any OpenBlob,
        path: String?,
        since moment: HotFiles.Moment
    ) async throws {
        guard response.status == .ok, let path else { return }
        let isSmall = file.blob.sizeInBytes <= HotFiles.largestBuffer
        guard isSmall || content.localFile != nil else { return }
        let entry = HotFiles.Entry(
            fileID: file.id,
            template: HotTemplate(response.headers, content: isSmall ? try await content.readAll() : nil),
            file: isSmall ? nil : content.localFile,
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
