// SPDX-License-Identifier: Apache-2.0

package import Loops
package import RegistryCore
package import RegistryStorage

/// The staging area for bodies before they are visible: one local file per upload, hashed as it is written.
package struct UploadStaging: Sendable {
    /// The space that uploads leave free, so that the database can still record deletes.
    private static let reserveInBytes: Int64 = 8 * 1024 * 1024

    /// The path of the directory, in the file system of the local blob store.
    package let directory: String
    let pool: BlockingPool
    private let space: FreeSpace

    package init(directory: String, pool: BlockingPool) throws {
        self.directory = directory
        self.pool = pool
        space = FreeSpace(directory: directory, pool: pool)
        try LocalDirectory.create(directory)
    }

    /// Streams a body into a file, passes it to `use`, and removes the file afterwards, even after an error.
    ///
    /// The file keeps its name during `use`, so that `RemoveStaleUploads` finds the content after a crash. `admit` is
    /// called before each piece with the body's size including that piece, and throws if the size is not allowed.
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

    /// Creates a file for bytes that the caller appends and finally discards.
    func begin(also algorithms: Set<DigestAlgorithm> = []) -> IncomingFile {
        IncomingFile(in: directory, pool: pool, also: algorithms)
    }

    /// Throws if the disk cannot store a body of a size and keep the reserve for the database.
    func checkSpace(for sizeInBytes: Int64) async throws {
        // Clients may announce any number, so avoid an overflow.
        let needed = min(sizeInBytes, .max - Self.reserveInBytes) + Self.reserveInBytes
        guard let free = try await freeBytes(fewerThan: needed) else { return }
        throw RegistryError.insufficientStorage(
            "the registry's disk is full: it has \(free) bytes free and reserves \(Self.reserveInBytes) for the database, "
                + "too few for this file; nothing was stored: ask the administrator to free space, then publish again"
        )
    }

    /// Throws if the disk has less free space than the reserve for the database.
    package func checkReserve() async throws {
        guard let free = try await freeBytes(fewerThan: Self.reserveInBytes) else { return }
        throw RegistryError.insufficientStorage(
            "the disk of the data directory is full: it has \(free) bytes free, less than the \(Self.reserveInBytes) reserved "
                + "for the database; free space"
        )
    }

    /// Returns the number of free bytes if it is less than needed, otherwise nil.
    private func freeBytes(fewerThan needed: Int64) async throws -> Int64? {
        let free = try await space.freeBytes(atLeast: needed)
        return free < needed ? free : nil
    }
}

/// The error when a publishing transaction has an unknown outcome.
///
/// The staged file stays, so that the next start decides.
package struct UnresolvedPublish: Error, CustomStringConvertible {
    /// The error of the transaction, for the log.
    let cause: any Error

    package var description: String { "publish outcome unknown: \(cause)" }
}
