// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import LocalBlobs
import NIOPosix
package import RegistryCore
package import RegistryHTTP
package import RegistryMetadata
package import RegistryService
import RegistryStorage
import SQLiteDriver

/// All parts of a registry on one data directory, put together; nothing listens yet.
package struct Registry: Sendable {
    package let accounts: Accounts
    package let services: RegistryServices
    package let hotFiles: HotFiles
    package let authenticate: Authenticate
    package let downloads: DownloadCounter
    package let metadata: MetadataStore
    package let collectGarbage: CollectGarbage
    package let completeDigests: CompleteDigests
    package let removeStaleUploads: RemoveStaleUploads
    /// Names this process among those that share a database.
    package let instance: String

    private let pools: [NIOThreadPool]

    /// Opens a registry and brings its schema up to date; the caller holds the directory's lock.
    package static func open(
        in directory: DataDirectory,
        contract: PublishContract = .documented,
        limits: Limits = Limits(),
        hotTable: Bool = true
    ) async throws -> Registry {
        let pools = (
            readers: NIOThreadPool(numberOfThreads: 8), writers: NIOThreadPool(numberOfThreads: 16),
            passwords: NIOThreadPool(numberOfThreads: 2)
        )
        for pool in [pools.readers, pools.writers, pools.passwords] { pool.start() }
        let database = try SQLiteDatabase(path: directory.database, readers: 4, clock: Self.systemTime)
        // The database's file is new at the first start: its entry must not be lost with the power.
        try LocalDirectory.synchronize(directory.path)
        let metadata = MetadataStore(database: database)
        let instance = UploadID.random().text
        try await metadata.migrate(holder: instance) { try await Task.sleep(for: .milliseconds(200)) }
        let blobs = try LocalBlobStore(root: directory.blobs, readers: pools.readers, writers: pools.writers)
        let staging = try UploadStaging(directory: directory.staging, pool: pools.writers)
        let digests = CompleteDigests(metadata: metadata, blobs: blobs)
        let hasher = PasswordHasher(pool: pools.passwords)
        let cache = CredentialCache(now: Self.systemTime)
        let authenticate = Authenticate(metadata: metadata, hasher: hasher, cache: cache)
        let hotFiles = HotFiles(isEnabled: hotTable, cache: cache)
        let downloads = DownloadCounter(metadata: metadata)
        return Registry(
            accounts: Accounts(metadata: metadata, hasher: hasher, cache: cache),
            services: RegistryServices(
                metadata: metadata,
                authenticate: authenticate,
                uploadFile: UploadFile(metadata: metadata, blobs: blobs, staging: staging, limits: limits),
                downloadFile: DownloadFile(metadata: metadata, blobs: blobs, digests: digests),
                downloads: downloads,
                deletePackages: DeletePackages(metadata: metadata, onDelete: hotFiles.forgetAll),
                browsePackages: BrowsePackages(metadata: metadata, digests: digests),
                contract: contract,
                checkReadiness: {
                    try await metadata.checkHealth()
                    try await blobs.checkHealth()
                    try await staging.checkSpace(for: 0)
                }
            ),
            hotFiles: hotFiles,
            authenticate: authenticate,
            downloads: downloads,
            metadata: metadata,
            collectGarbage: CollectGarbage(metadata: metadata, blobs: blobs),
            completeDigests: digests,
            removeStaleUploads: RemoveStaleUploads(metadata: metadata, blobs: blobs, staging: staging),
            instance: instance,
            pools: [pools.readers, pools.writers, pools.passwords]
        )
    }

    /// Closes the database and stops the threads.
    package func close() async throws {
        try await metadata.close()
        for pool in pools { try await pool.shutdownGracefully() }
    }

    @Sendable
    private static func systemTime() -> Timestamp {
        Timestamp(microseconds: Int64((Date.now.timeIntervalSince1970 * 1_000_000).rounded()))
    }
}
