// SPDX-License-Identifier: Apache-2.0

package import Loops
package import RegistryCore
package import RegistryStorage

/// Where bodies land before anybody can see them: one local file an upload, hashed while it is written.
package struct UploadStaging: Sendable {
    /// Space that uploads leave free, so that the database can still record deletes.
    private static let reserveInBytes: Int64 = 8 * 1024 * 1024

    /// The directory, in the file system of the local blob store.
    package let directory: String
    let pool: BlockingPool
    private let space: FreeSpace

    package init(directory: String, pool: BlockingPool) throws {
        self.directory = directory
        self.pool = pool
        space = FreeSpace(directory: directory, pool: pool)
        try LocalDirectory.create(directory)
    }

    /// Streams a body into a file, hands it to `use`, and removes the file when that ends, also by an error.
    ///
    /// The file keeps its name during `use`: after a crash it tells `RemoveStaleUploads` which content to look for. `admit`
    /// is asked before each piece with the size that the body has with it, and throws when that is too much.
    package func withStagedUpload<Body: AsyncSequence, Value>(
        of body: Body,
        also algorithms: Set<DigestAlgorithm>,
        admit: (_ sizeInBytes: Int64) async throws -> Void = { _ in },
        _ use: (StagedContent, ContentDigests) async throws -> Value
    ) async throws -> Value where Body.Element == [UInt8] {
        var file = begin(also: algorithms)
        do {
            for try await part in body {
                try await admit(file.sizeInBytes + Int64(part.count))
                try await file.append(part)
            }
            let (staged, digests) = try await file.finish()
            let value = try await use(staged, digests)
            await file.discard()
            return value
        } catch let error as UnresolvedPublish {
            throw error
        } catch {
            await file.discard()
            throw error
        }
    }

    /// A file for bytes that the caller gathers, and discards in the end.
    func begin(also algorithms: Set<DigestAlgorithm> = []) -> IncomingFile {
        IncomingFile(in: directory, pool: pool, also: algorithms)
    }

    /// Throws when the disk cannot take a body of a size and keep a reserve for the database.
    func checkSpace(for sizeInBytes: Int64) async throws {
        // Clients may announce any number.
        let needed = min(sizeInBytes, .max - Self.reserveInBytes) + Self.reserveInBytes
        guard let free = try await freeBytes(fewerThan: needed) else { return }
        throw RegistryError.insufficientStorage(
            "the registry's disk is full: it has \(free) bytes free and reserves \(Self.reserveInBytes) for the database, "
                + "too few for this file; nothing was stored: ask the administrator to free space, then publish again"
        )
    }

    /// Throws when the disk has less than the reserve for the database.
    package func checkReserve() async throws {
        guard let free = try await freeBytes(fewerThan: Self.reserveInBytes) else { return }
        throw RegistryError.insufficientStorage(
            "the disk of the data directory is full: it has \(free) bytes free, less than the \(Self.reserveInBytes) reserved "
                + "for the database; free space"
        )
    }

    /// How many bytes are free; nil when they are as many as are needed.
    private func freeBytes(fewerThan needed: Int64) async throws -> Int64? {
        let free = try await space.freeBytes(atLeast: needed)
        return free < needed ? free : nil
    }
}

/// The publishing transaction may or may not have taken effect: the staged file stays, so that the next start decides.
package struct UnresolvedPublish: Error, CustomStringConvertible {
    /// What the transaction failed with, for the log.
    let cause: any Error

    package var description: String { "publish outcome unknown: \(cause)" }
}
