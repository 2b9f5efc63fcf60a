// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
package import Logging
import RegistryCore
package import RegistryService

/// Decides whether a request can be answered from `HotFiles`, and what goes with the answer.
package struct HotAnswers: Sendable {
    struct Answer: Sendable {
        let head: HTTPResponse
        let entry: HotFiles.Entry
        fileprivate let record: AccessRecord
    }

    /// Fields with which a request asks for something else than the whole file, or for more than an answer.
    private static let specialFields: [HTTPField.Name] = [
        .range, .ifRange, .ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince, .expect, .connection,
        .contentLength, .transferEncoding,
    ]

    private let files: HotFiles
    private let authenticate: Authenticate
    private let downloads: DownloadCounter
    private let log: Logger

    package init(files: HotFiles, authenticate: Authenticate, downloads: DownloadCounter, log: Logger) {
        self.files = files
        self.authenticate = authenticate
        self.downloads = downloads
        self.log = log
    }

    /// The answer to a request, when the table has it and the caller is known to be allowed to see it.
    func answer(to request: HTTPRequest) -> Answer? {
        guard request.method == .get, let path = request.path, isPlain(request.headerFields) else { return nil }
        guard let actor = actor(request.headerFields[.authorization]) else { return nil }
        guard let entry = files.entry(path, for: actor) else { return nil }
        let record = AccessRecord(request, log: log)
        var head = HTTPResponse(status: .ok, headerFields: entry.headers)
        head.headerFields[.xRequestID] = record.id
        head.headerFields[.date] = HTTPClock.now
        return Answer(head: head, entry: entry, record: record)
    }

    /// Counts and logs an answer when its last byte was written or could not be.
    func noteEnd(of answer: Answer, isComplete: Bool) {
        if isComplete { downloads.count(answer.entry.fileID) }
        answer.record.note(200, answer.entry.sizeInBytes, isComplete: isComplete)
    }

    private func isPlain(_ fields: HTTPFields) -> Bool {
        // A keep-alive by name is what some clients of HTTP/1.1 send without need.
        !Self.specialFields.contains { name in
            fields.contains(name) && !(name == .connection && fields[name]?.lowercased() == "keep-alive")
        }
    }

    private func actor(_ authorization: String?) -> Actor? {
        guard let authorization else { return .anonymous }
        guard let credentials = try? Credentials.parse(authorization: authorization) else { return nil }
        return authenticate.remembered(credentials)
    }
}
