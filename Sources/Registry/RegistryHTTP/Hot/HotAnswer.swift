// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPServer
import RegistryCore

/// An answer to the GET of a whole file, and who may have it.
final class HotAnswer: Sendable {
    private static let readerLimit = 64

    let prepared: PreparedAnswer
    /// The hash of the target that it answers.
    let hash: Int
    /// Who was found to be allowed to read the file.
    private let readers: Set<Actor>

    convenience init(_ prepared: PreparedAnswer, for actor: Actor) {
        let hash = unsafe prepared.target.withUnsafeBytes { unsafe Self.hash(of: $0) }
        self.init(prepared, hash, readers: [actor])
    }

    private init(_ prepared: PreparedAnswer, _ hash: Int, readers: Set<Actor>) {
        self.prepared = prepared
        self.hash = hash
        self.readers = readers
    }

    /// The hash of a target as clients write it; nobody outside this process can tell which targets have equal ones.
    static func hash(of target: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        unsafe hasher.combine(bytes: target)
        return hasher.finalize()
    }

    /// Whether it answers a target.
    func answers(_ target: UnsafeRawBufferPointer) -> Bool {
        unsafe target.holds(prepared.target)
    }

    /// Whether an actor may have it.
    func isFor(_ actor: Actor) -> Bool { readers.contains(actor) }

    /// The same for one more actor, unless there are very many.
    func adding(_ actor: Actor) -> HotAnswer {
        guard readers.count < Self.readerLimit else { return self }
        return HotAnswer(prepared, hash, readers: readers.union([actor]))
    }

    var bytesInMemory: Int64 { prepared.bytesInMemory }

    /// Whether it keeps a file open.
    var isFile: Bool {
        if case .file = prepared.content { true } else { false }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these are the bytes, as fast as the machine can tell.
    func holds(_ bytes: [UInt8]) -> Bool {
        guard count == bytes.count else { return false }
        return unsafe bytes.withUnsafeBytes { other in
            guard let one = baseAddress, let two = other.baseAddress else { return true }
            return unsafe memcmp(one, two, count) == 0
        }
    }
}
