// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryCore
import RegistryMetadata
import RegistryService
import RegistryStorage

extension RouteContext {
    /// Opens what a request asks for of a file's content, before anything of an answer is sent.
    ///
    /// `opened` is its content if that was opened already.
    func body(of file: StoredFile, _ selection: BlobSelection, opened: (any OpenBlob)?) async throws -> ResponseBody {
        let content: any OpenBlob
        if let opened {
            content = opened
        } else {
            content = try await services.downloadFile.open(file, reading: selection.firstRange)
        }
        switch selection.part {
        case .whole where content.sizeInBytes <= HotFiles.largestBuffer: return .bytes(try await content.readAll())
        case .whole: return .content(content, 0..<content.sizeInBytes)
        case .range(let range): return .content(content, Range(range))
        case .several(let ranges): return .content(content, ranges)
        case .unsatisfiable, .notModified, .preconditionFailed: return .none
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
        let answer = selection.countedAnswer(of: file, request)
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
    func keepHot(_ response: Response, _ file: StoredFile, target: String, since moment: HotFiles.Moment) {
        guard response.status == .ok else { return }
        let content: PreparedAnswer.Content
        switch response.body {
        case .bytes(let bytes): content = .bytes(bytes)
        case .file(let file, let range): content = .file(file, sizeInBytes: range.upperBound)
        case .none, .stream: return
        }
        let answer = PreparedAnswer(
            response.headers,
            variable: .xRequestID,
            content: content,
            token: file.id,
            target: Array(target.utf8)
        )
        hotFiles.remember(answer, for: actor, since: moment)
    }
}

extension OpenBlob {
    /// The whole content, which must be small.
    fileprivate func readAll() async throws -> [UInt8] {
        var whole: [UInt8] = []
        for try await piece in read(0..<sizeInBytes) {
            if whole.isEmpty { whole = piece } else { whole += piece }
        }
        return whole
    }
}
