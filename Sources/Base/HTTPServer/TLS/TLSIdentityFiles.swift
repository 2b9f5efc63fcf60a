// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Synchronization

/// A certificate with its key in PEM files, read again when the files change, without a restart.
package final class TLSIdentityFiles: Sendable {
    private struct Loaded {
        var context: TLSContext
        /// Of both files as they were read; nil for one that is missing.
        var stamps: [Stamp?]
        var warnings: [String]
        /// Of both files as they were refused last, which is told once.
        var refused: [Stamp?]?
    }

    /// Tells whether a file was replaced or written.
    private struct Stamp: Equatable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        /// Its content's.
        let seconds: Int
        let nanoseconds: Int
        /// That of its owner and permissions, too.
        let changeSeconds: Int
        let changeNanoseconds: Int
    }

    private let certificatePath: String
    private let keyPath: String
    private let tickets: TicketKeys
    private let loaded: Mutex<Loaded>

    /// Reads both files; without `ticketSecret` a random one lives as long as this object.
    package init(certificate: String, key: String, ticketSecret: TicketSecret? = nil) throws {
        certificatePath = certificate
        keyPath = key
        tickets = TicketKeys(secret: try ticketSecret ?? .random())
        loaded = Mutex(try Self.load(certificate, key, tickets))
    }

    /// Reads the files again when they changed; what was read before stays in use until both are right.
    ///
    /// Files that cannot be used are told once, and with `reportsAgain` each time. Returns whether a new certificate is in
    /// use.
    package func reloadIfChanged(reportsAgain: Bool = false) throws -> Bool {
        let stamps = Self.stamps(certificatePath, keyPath)
        let isChanged = loaded.withLock { loaded in
            if loaded.stamps == stamps { loaded.refused = nil }
            return loaded.stamps != stamps
        }
        guard isChanged else { return false }
        do {
            let new = try Self.load(certificatePath, keyPath, tickets)
            loaded.withLock { $0 = new }
            return true
        } catch {
            // Tried each time, for what is in the way may not be in the files.
            let isTold = loaded.withLock { loaded in
                defer { loaded.refused = stamps }
                return loaded.refused == stamps
            }
            guard reportsAgain || !isTold else { return false }
            throw error
        }
    }

    /// What new connections use.
    var current: TLSContext { loaded.withLock { $0.context } }

    /// What keeps clients from trusting the certificate in use, such as its end; a sentence each.
    package var warnings: [String] { loaded.withLock { $0.warnings } }

    private static func load(_ certificate: String, _ key: String, _ tickets: TicketKeys) throws -> Loaded {
        // The stamps first: what is written after them is seen as a change.
        let stamps = stamps(certificate, key)
        let identity = try TLSIdentity(
            certificate: PEMFile.read(certificate),
            certificatePath: certificate,
            key: PEMFile.read(key),
            keyPath: key
        )
        let context = try TLSContext(identity: identity, tickets: tickets)
        return Loaded(context: context, stamps: stamps, warnings: identity.warnings)
    }

    private static func stamps(_ paths: String...) -> [Stamp?] {
        paths.map { path in
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            return Stamp(
                device: UInt64(status.st_dev),
                inode: UInt64(status.st_ino),
                size: Int64(status.st_size),
                seconds: status.st_mtim.tv_sec,
                nanoseconds: status.st_mtim.tv_nsec,
                changeSeconds: status.st_ctim.tv_sec,
                changeNanoseconds: status.st_ctim.tv_nsec
            )
        }
    }
}
