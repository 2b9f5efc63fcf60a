// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPServer
import RegistryCore

/// A response to the GET of a whole file, with the callers that may receive it.
final class HotAnswer: Sendable {
    private static let readerLimit = 64

    let prepared: PreparedAnswer
    /// The hash of the request target.
    let hash: Int
    /// The callers known to have read access to the file.
    private let readers: Set<Caller>

    convenience init(_ prepared: PreparedAnswer, for caller: Caller) {
        let hash = unsafe prepared.target.withUnsafeBytes { unsafe Self.hash(of: $0) }
        self.init(prepared, hash, readers: [caller])
    }

    private init(_ prepared: PreparedAnswer, _ hash: Int, readers: Set<Caller>) {
        self.prepared = prepared
        self.hash = hash
        self.readers = readers
    }

    /// Returns the hash of a raw request target, randomly seeded so that clients cannot predict collisions.
    static func hash(of target: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        unsafe hasher.combine(bytes: target)
        return hasher.finalize()
    }

    /// Returns whether the response is for a target.
    func answers(_ target: UnsafeRawBufferPointer) -> Bool {
        unsafe target.holds(prepared.target)
    }

    /// Returns whether a caller may receive the response.
    func isFor(_ caller: Caller) -> Bool { readers.contains(caller) }

    /// Returns the response with one more caller, unless the limit is reached.
    func adding(_ caller: Caller) -> HotAnswer {
        guard readers.count < Self.readerLimit else { return self }
        return HotAnswer(prepared, hash, readers: readers.union([caller]))
    }

    var bytesInMemory: Int64 { prepared.bytesInMemory }

    /// Whether the response keeps a file open.
    var isFile: Bool {
        if case .file = prepared.content { true } else { false }
    }
}

extension UnsafeRawBufferPointer {
    /// Returns whether the buffer contains exactly these bytes.
    func holds(_ bytes: [UInt8]) -> Bool {
        guard count == bytes.count else { return false }
        return unsafe bytes.withUnsafeBytes { other in
            guard let one = baseAddress, let two = other.baseAddress else { return true }
            return unsafe memcmp(one, two, count) == 0
        }
    }
}
