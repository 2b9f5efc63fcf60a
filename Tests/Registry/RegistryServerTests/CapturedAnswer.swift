// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import HTTPServer
import Synchronization

/// Takes an answer in the place of a connection; may break off after some bytes.
final class CapturedAnswer: AnswerSink, BodySink {
    private struct State {
        var status: HTTPResponse.Status?
        var headers: HTTPFields = [:]
        var content: [UInt8] = []
    }

    private let limit: Int
    private let state = Mutex(State())

    /// Breaks off behind so many bytes of content.
    init(limit: Int = .max) {
        self.limit = limit
    }

    var status: Int? { state.withLock { $0.status?.code } }
    var headers: HTTPFields { state.withLock { $0.headers } }
    var content: [UInt8] { state.withLock { $0.content } }
    var text: String { String(decoding: content, as: UTF8.self) }

    func send(_ response: Response) async throws {
        state.withLock { state in
            state.status = response.status
            state.headers = response.headers
        }
        switch response.body {
        case .none: break
        case .bytes(let bytes): try await write(bytes)
        case .file(let file, let range): try await write(Self.read(file, range))
        case .stream(_, let write): try await write(BodyWriter(self))
        }
    }

    func write(_ bytes: [UInt8]) async throws {
        let isOver = state.withLock { state in
            state.content += bytes.prefix(limit - state.content.count)
            return state.content.count >= limit
        }
        if isOver { throw AnswerBrokenOff() }
    }

    func flush() async throws {}

    private static func read(_ file: any FileContent, _ range: Range<Int64>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: range.count) { space, count in
            count = unsafe max(0, pread(file.descriptor, space.baseAddress, space.count, off_t(range.lowerBound)))
        }
    }
}
