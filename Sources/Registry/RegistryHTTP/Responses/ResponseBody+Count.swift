// SPDX-License-Identifier: Apache-2.0

import HTTPServer
import Synchronization

/// The size of a response in bytes, which may be known only after it was sent.
final class SentBytes: Sendable {
    private let count = Atomic<Int64>(0)

    var value: Int64 { count.load(ordering: .relaxed) }

    func add(_ bytes: Int64) { count.add(bytes, ordering: .relaxed) }
}

extension ResponseBody {
    /// Returns the body with its size counted: immediately if known, otherwise as it is written.
    func counting(_ count: SentBytes) -> ResponseBody {
        if let contentLength {
            count.add(contentLength)
            return self
        }
        guard case .stream(nil, let body) = self else { return self }
        return .stream(length: nil) { writer in try await body(BodyWriter(CountingSink(writer, count))) }
    }
}

/// Forwards writes and counts their bytes.
private final class CountingSink: BodySink {
    private let writer: BodyWriter
    private let count: SentBytes

    init(_ writer: BodyWriter, _ count: SentBytes) {
        self.writer = writer
        self.count = count
    }

    func write(_ bytes: [UInt8]) async throws {
        try await writer.write(bytes)
        count.add(Int64(bytes.count))
    }

    func flush() async throws { try await writer.flush() }
}
