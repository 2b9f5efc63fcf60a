// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RegistryCore
import RegistryMetadata
package import RegistryService
import RegistryStorage
import Synchronization

/// Whole answers to recent downloads, by the path as clients write it, so that the next one needs no router, database or
/// thread: published files never change.
///
/// An entry is good for the actors it was given to, until anything is deleted or any account, team or token changes, here or
/// in another process that shares the database. It is then dropped, never corrected.
package final class HotFiles: Sendable {
    /// The answer to a GET of a whole file.
    struct Entry: Sendable {
        let fileID: Int64
        let template: HotTemplate
        /// The content, when it is not part of the template.
        let file: LocalFile?
        /// The size of the content.
        let sizeInBytes: Int64
        /// Who was found to be allowed to read it.
        var readers: Set<Actor>
    }

    /// A moment; an entry made of what was read before it went by is not kept.
    struct Moment: Hashable, Sendable {
        fileprivate let changes: Int
        fileprivate let credentials: CredentialCache.Generation
    }

    private struct Table {
        var entries: [String: Entry] = [:]
        var bytes: Int64 = 0
        var openFiles = 0
        var changes = 0
        var credentials = CredentialCache.Generation()
    }

    /// Content up to this size is kept in memory; of larger files the descriptor is kept open.
    static let largestBuffer: Int64 = 64 * 1024
    private static let byteLimit: Int64 = 32 * 1024 * 1024
    private static let openFileLimit = 128
    private static let entryLimit = 8192
    private static let readerLimit = 64

    private let isEnabled: Bool
    private let cache: CredentialCache
    private let table = Mutex(Table())

    /// Shares the cache of credentials with `Accounts`, which forgets them when an account changes.
    package init(isEnabled: Bool, cache: CredentialCache) {
        self.isEnabled = isEnabled
        self.cache = cache
    }

    /// Drops everything: something was deleted.
    package func forgetAll() {
        table.withLock { table in
            table.changes += 1
            Self.clear(&table)
        }
    }

    /// The moment to read metadata in that is to be remembered.
    var now: Moment {
        let credentials = cache.generation
        return table.withLock { Moment(changes: $0.changes, credentials: credentials) }
    }

    /// The answer for an actor.
    func entry(_ path: String, for actor: Actor) -> Entry? {
        guard isEnabled, let credentials = cache.trustedGeneration else { return nil }
        return table.withLock { table in
            guard table.credentials == credentials else {
                Self.clear(&table)
                table.credentials = credentials
                return nil
            }
            guard let entry = table.entries[path], entry.readers.contains(actor) else { return nil }
            return entry
        }
    }

    /// Keeps an answer for an actor, unless something changed since the moment its metadata was read.
    func remember(_ entry: Entry, at path: String, for actor: Actor, since moment: Moment) {
        guard isEnabled, moment.credentials == cache.generation else { return }
        table.withLock { table in
            guard table.changes == moment.changes else { return }
            if table.credentials != moment.credentials {
                Self.clear(&table)
                table.credentials = moment.credentials
            }
            if table.entries[path] != nil {
                if table.entries[path]?.readers.count ?? 0 < Self.readerLimit {
                    table.entries[path]?.readers.insert(actor)
                }
                return
            }
            Self.makeRoom(for: entry, in: &table)
            table.entries[path] = entry
            table.bytes += entry.bytesInMemory
            table.openFiles += entry.isFile ? 1 : 0
        }
    }

    /// Drops some entries, which the dictionary's order makes random ones.
    private static func makeRoom(for entry: Entry, in table: inout Table) {
        while let victim = table.entries.first,
            table.entries.count >= entryLimit || table.bytes + entry.bytesInMemory > byteLimit
                || (entry.isFile && table.openFiles >= openFileLimit)
        {
            table.entries[victim.key] = nil
            table.bytes -= victim.value.bytesInMemory
            table.openFiles -= victim.value.isFile ? 1 : 0
        }
    }

    private static func clear(_ table: inout Table) {
        table.entries.removeAll()
        table.bytes = 0
        table.openFiles = 0
    }
}

extension HotFiles.Entry {
    fileprivate var bytesInMemory: Int64 { template.sizeInBytes }
    fileprivate var isFile: Bool { file != nil }
}
