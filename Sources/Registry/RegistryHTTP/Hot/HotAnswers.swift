// SPDX-License-Identifier: Apache-2.0

package import Logging
import NIOCore
import NIOHTTP1
import RegistryCore
package import RegistryService

/// Decides whether a request can be answered from `HotFiles`, and what goes with the answer.
package struct HotAnswers: Sendable {
    struct Answer: Sendable {
        /// What goes over the wire before the content of a file: everything, when the file is small.
        let start: ByteBuffer
        let entry: HotFiles.Entry
        fileprivate let record: AccessRecord
    }

    /// Who sent the last `Authorization` of a connection; good for a second, so that a caller is not looked up each time.
    struct Caller {
        fileprivate let authorization: String
        fileprivate let actor: Actor
        fileprivate let generation: CredentialCache.Generation
        fileprivate let since: ContinuousClock.Instant
    }

    private static let callerLifetime = Duration.seconds(1)

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
    func answer(to request: HTTPRequestHead, caller: inout Caller?) -> Answer? {
        guard request.method == .GET, request.version == .http1_1 else { return nil }
        guard case .plain(let authorization) = HotRequestFields(request.headers) else { return nil }
        guard let actor = actor(authorization, &caller), let entry = files.entry(request.uri, for: actor) else {
            return nil
        }
        let record = AccessRecord(method: "GET", path: request.uri, log: log)
        return Answer(start: entry.template.filled(record.id), entry: entry, record: record)
    }

    /// Counts and logs an answer with small content, which was written at once.
    func noteSent(_ answer: Answer) {
        downloads.count(answer.entry.fileID)
        answer.record.note(200, answer.entry.sizeInBytes, isComplete: true)
    }

    /// A file is about to be sent to a client.
    func noteBegin(of answer: Answer, to client: String?) -> CountedAnswer {
        let counted = CountedAnswer(
            fileID: answer.entry.fileID,
            sizeInBytes: answer.entry.sizeInBytes,
            client: client,
            hasFirstByte: true,
            hasLastByte: true
        )
        downloads.begin(counted)
        return counted
    }

    /// Counts and logs a file when its last byte was written or could not be.
    func noteEnd(of answer: Answer, _ counted: CountedAnswer, isComplete: Bool) {
        if isComplete { downloads.complete(counted) }
        answer.record.note(200, answer.entry.sizeInBytes, isComplete: isComplete)
    }

    private func actor(_ authorization: String?, _ caller: inout Caller?) -> Actor? {
        guard let authorization else { return .anonymous }
        let now = ContinuousClock.now
        let generation = authenticate.generation
        if let known = caller, known.generation == generation, known.authorization == authorization,
            now - known.since < Self.callerLifetime
        {
            return known.actor
        }
        guard let credentials = try? Credentials.parse(authorization: authorization),
            let actor = authenticate.remembered(credentials)
        else { return nil }
        caller = Caller(authorization: authorization, actor: actor, generation: generation, since: now)
        return actor
    }
}

/// What the headers of a GET say about whether it can be answered from the table.
enum HotRequestFields {
    case plain(authorization: String?)
    /// It asks for something else than the whole file, or for more than an answer.
    case special

    init(_ headers: HTTPHeaders) {
        var authorization: String?
        var hosts = 0
        for (name, value) in headers {
            switch Field(name) {
            case .none: continue
            case .host: hosts += 1
            case .authorization where authorization == nil: authorization = value
            // What some clients of HTTP/1.1 send without need.
            case .connection where value.lowercased() == "keep-alive": continue
            case .authorization, .connection, .other:
                self = .special
                return
            }
        }
        // RFC 9112, section 3.2; `MessageRules` has the refusal.
        self = hosts == 1 ? .plain(authorization: authorization) : .special
    }

    /// A field that matters; told from all others by length and first letter before anything is compared.
    private enum Field {
        case host
        case authorization
        case connection
        case other

        init?(_ name: String) {
            switch (name.utf8.count, (name.utf8.first ?? 0) | 0x20) {
            case (4, UInt8(ascii: "h")), (5, UInt8(ascii: "r")), (6, UInt8(ascii: "e")), (8, UInt8(ascii: "i")),
                (10, UInt8(ascii: "c")), (13, UInt8(ascii: "i")), (13, UInt8(ascii: "a")), (14, UInt8(ascii: "c")),
                (17, UInt8(ascii: "i")), (17, UInt8(ascii: "t")), (19, UInt8(ascii: "i")):
                break
            default: return nil
            }
            switch name.lowercased() {
            case "host": self = .host
            case "authorization": self = .authorization
            case "connection": self = .connection
            case "range", "expect", "if-range", "if-match", "if-none-match", "content-length", "if-modified-since",
                "transfer-encoding", "if-unmodified-since":
                self = .other
            default: return nil
            }
        }
    }
}
