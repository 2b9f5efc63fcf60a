// SPDX-License-Identifier: Apache-2.0

import Files
import Synchronization

/// A certificate and its key in PEM files, which are reloaded without a restart when they change.
package final class TLSIdentityFiles: Sendable {
    private struct Loaded {
        var context: TLSContext
        /// The stamps of both files when they were read; nil for a missing file.
        var stamps: [FileStatus?]
        var warnings: [String]
        /// The stamps of the last rejected files, so that each problem is reported once.
        var refused: [FileStatus?]?
    }

    private let certificatePath: String
    private let keyPath: String
    private let tickets: TicketKeys
    private let loaded: Mutex<Loaded>

    /// Reads both files; without `ticketSecret`, generates one for the lifetime of this object.
    package init(certificate: String, key: String, ticketSecret: TicketSecret? = nil) throws {
        certificatePath = certificate
        keyPath = key
        tickets = TicketKeys(secret: try ticketSecret ?? .random())
        loaded = Mutex(try Self.load(certificate, key, tickets))
    }

    /// Reloads the files if they have changed; the previous certificate stays in use until both files are valid.
    ///
    /// Throws a problem with the files once, or each time with `reportsAgain`. Returns whether a new certificate is in use.
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
            // Retried each time, because the cause may lie outside the files.
            let isTold = loaded.withLock { loaded in
                defer { loaded.refused = stamps }
                return loaded.refused == stamps
            }
            guard reportsAgain || !isTold else { return false }
            throw error
        }
    }

    /// The context for new connections.
    var current: TLSContext { loaded.withLock { $0.context } }

    /// The reasons why clients may distrust the current certificate, such as its expiry, one sentence each.
    package var warnings: [String] { loaded.withLock { $0.warnings } }

    private static func load(_ certificate: String, _ key: String, _ tickets: TicketKeys) throws -> Loaded {
        // Reads the stamps first, so that later writes count as a change.
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

    private static func stamps(_ paths: String...) -> [FileStatus?] {
        paths.map { try? FileStatus(of: $0) }
    }
}
