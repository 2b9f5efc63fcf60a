// SPDX-License-Identifier: Apache-2.0

import HTTPServer
import Log
import Loops
import RegistryCore
import RegistryService

/// Serves responses from `HotFiles` on one loop, with a private table so that repeated requests take no lock.
final class HotLoop: ImmediateAnswers {
    /// Requests that need more than the cached response to a whole file, and thus take the regular path.
    ///
    /// That path also determines the client behind a trusted proxy.
    private static let special: HeadView.Fields = [.range, .condition, .expect, .cookie, .forwarded, .ambiguous]

    private let files: HotFiles
    private let authenticate: Authenticate
    private let downloads: DownloadCounter
    private let log: Logger
    private(set) var table: HotTable
    private var callers = KnownCallers()
    /// Reused for all lines, to save allocations.
    private var line = LogFields()

    init(files: HotFiles, authenticate: Authenticate, downloads: DownloadCounter, log: Logger) {
        self.files = files
        self.authenticate = authenticate
        self.downloads = downloads
        self.log = log
        table = HotTable(at: files.now)
    }

    func answer(to head: borrowing HeadView) -> ImmediateAnswer? {
        guard case .get = head.method, head.version != .http1_0, head.fields.isDisjoint(with: Self.special),
            let moment = files.trustedMoment
        else { return nil }
        table.turn(to: moment)
        let start = EventLoop.clock()
        let target = unsafe head.target
        let hash = unsafe HotAnswer.hash(of: target)
        guard let known = unsafe table.answer(to: target, hash) ?? shared(target, hash),
            let caller = caller(of: head, at: start),
            let answer = unsafe known.isFor(caller) ? known : shared(target, hash), answer.isFor(caller)
        else { return nil }
        return begin(answer.prepared, head, at: start)
    }

    func ended(_ answer: ImmediateAnswer, isComplete: Bool) {
        let prepared = answer.prepared
        if isComplete {
            if let counted = Self.counted(prepared, to: answer.client) {
                downloads.complete(counted)
            } else {
                downloads.count(prepared.token)
            }
        }
        guard log.writes(.info) else { return }
        let target = prepared.target
        let path = target.span.extracting(first: min(prepared.pathLength, LogFields.pathLimit))
        line.appendRequest(
            client: answer.client,
            method: "GET",
            path: path,
            id: RequestID(digits: answer.variable),
            status: 200,
            size: prepared.sizeInBytes,
            nanoseconds: EventLoop.clock() - answer.start,
            isComplete: isComplete
        )
        log.log(level: .info, LogFields.requestMessage, fields: &line)
    }

    /// Returns the response from the shared table, and copies it to the private one unless it keeps a file open.
    private func shared(_ target: UnsafeRawBufferPointer, _ hash: Int) -> HotAnswer? {
        guard let answer = unsafe files.answer(to: target, hash, at: table.moment) else { return nil }
        if !answer.isFile { table.keep(answer, within: files.loopLimits) }
        return answer
    }

    /// Returns the caller of a request; nil if it cannot be determined without waiting.
    private func caller(of head: borrowing HeadView, at now: Int64) -> Caller? {
        guard head.fields.contains(.authorization) else { return .anonymous }
        let generation = authenticate.generation
        if let caller = unsafe callers.caller(of: head.authorization, in: generation, at: now) { return caller }
        let bytes = unsafe Array(head.authorization)
        guard let text = String(validating: bytes, as: UTF8.self),
            let credentials = try? Credentials.parse(authorization: text),
            let caller = authenticate.remembered(credentials)
        else { return nil }
        callers.remember(caller, of: bytes, in: generation, at: now)
        return caller
    }

    private func begin(_ prepared: PreparedAnswer, _ head: borrowing HeadView, at start: Int64) -> ImmediateAnswer? {
        let client = head.clientAddress
        if let counted = Self.counted(prepared, to: client) { downloads.begin(counted) }
        return ImmediateAnswer(prepared: prepared, variable: RequestID.next().digits, start: start, client: client)
    }

    /// Returns the record for the per-client download count; nil for a file below the size of segmented downloads.
    private static func counted(_ prepared: PreparedAnswer, to client: String?) -> CountedAnswer? {
        guard prepared.sizeInBytes >= DownloadCounter.leastSegmentedSize else { return nil }
        return CountedAnswer(
            fileID: prepared.token,
            sizeInBytes: prepared.sizeInBytes,
            client: client.map(clientNetwork),
            hasFirstByte: true,
            hasLastByte: true
        )
    }
}
