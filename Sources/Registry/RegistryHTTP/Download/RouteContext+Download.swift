// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryCore
import RegistryService
import RegistryStorage

extension RouteContext {
    /// Opens the requested part of a file's content before the response starts.
    ///
    /// `opened` is the content if it is already open.
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

    /// Returns a redirect to the content store, if configured; nil if the registry sends the content.
    ///
    /// The download is counted now, because the registry does not observe its end.
    func redirect(to file: StoredFile, _ selection: BlobSelection, _ request: Request) -> Response? {
        // The store has other validators than the registry, so conditional requests are served here.
        guard request.headers.preconditions == Preconditions(), !passesCredentialsOn(request),
            let url = services.downloadFile.temporaryURL(of: file)
        else { return nil }
        let answer = selection.countedAnswer(of: file, request)
        services.downloads.begin(answer)
        services.downloads.complete(answer)
        return Response(redirectTo: url, for: file)
    }

    /// Returns whether the client would forward its credentials to the store, which rejects them.
    private func passesCredentialsOn(_ request: Request) -> Bool {
        guard request.headers[.authorization] != nil, let client = request.headers[.userAgent] else { return false }
        return client.hasPrefix("Wget/") || client.hasPrefix("aria2/")
    }

    /// Caches the response to a GET of a whole file for later requests.
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
        hotFiles.remember(answer, for: caller, since: moment)
    }
}

extension OpenBlob {
    /// Reads the whole content, which must be small.
    fileprivate func readAll() async throws -> [UInt8] {
        var whole: [UInt8] = []
        for try await piece in read(0..<sizeInBytes) {
            if whole.isEmpty { whole = piece } else { whole += piece }
        }
        return whole
    }
}
