// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Loops
package import RegistryCore
package import RegistryHTTP
package import RegistryMetadata
package import RegistryService
package import RegistryStorage

/// The assembled components of a registry on one data directory, without a listener.
package struct Registry: Sendable {
    package let accounts: Accounts
    package let services: RegistryServices
    package let hotFiles: HotFiles
    package let authenticate: Authenticate
    package let downloads: DownloadCounter
    package let metadata: Metadata
    let clockWatch: ClockWatch
    let blobs: any BlobStore
    let staging: UploadStaging
    let invalidation: Invalidation
    package let collectGarbage: CollectGarbage
    package let completeDigests: CompleteDigests
    package let removeStaleUploads: RemoveStaleUploads
    /// The identifier of this process among those that share a database.
    package let instance: String

    /// Missing features of the engines that the registry does not depend on, as sentences for the log.
    package let lacks: [String]

    /// The threads that copy files for administrators.
    let files: BlockingPool
    private let pools: [BlockingPool]

    /// Opens a registry and brings its schema up to date; the caller holds the directory's lock.
    ///
    /// Tests see each statement through `observing`.
    package static func open(
        in directory: DataDirectory,
        engines: Engines = Engines(),
        contract: PublishContract = .documented,
        limits: Limits = Limits(),
        hotTable: Bool = true,
        requiresSignIn: Bool = false,
        publicURL: PublicURL = PublicURL(nil),
        shutdown: Shutdown = Shutdown(),
        observing: (any SQLDatabase) -> any SQLDatabase = { $0 }
    ) async throws -> Registry {
        let pools = (
            readers: BlockingPool(name: "readers", threads: 8), writers: BlockingPool(name: "writers", threads: 16),
            passwords: BlockingPool(name: "passwords", threads: 2), files: BlockingPool(name: "files", threads: 4)
        )
        let database = observing(try await engines.database.open(in: directory, now: Self.systemTime))
        let clockWatch = ClockWatch()
        let metadata = Metadata(database: database, clockWatch: clockWatch)
        let instance = UploadID.random().text
        // The lock of the directory guarantees exclusive use of its database.
        try await metadata.schema.migrate(holder: instance, isAlone: engines.database == .sqlite) {
            try await Task.sleep(for: .milliseconds(200))
        }
        try await metadata.database.watchClock()
        var lacks: [String] = []
        let blobs = try await engines.blobs.open(
            in: directory,
            readers: pools.readers,
            writers: pools.writers,
            now: Self.systemTime,
            lacks: { lacks.append($0) }
        )
        let staging = try UploadStaging(directory: directory.staging, pool: pools.writers)
        let uploadFile = UploadFile(metadata: metadata, blobs: blobs, staging: staging, limits: limits)
        let digests = CompleteDigests(metadata: metadata, blobs: blobs)
        let hasher = PasswordHasher(pool: pools.passwords)
        let cache = CredentialCache(now: Self.systemTime)
        // With a shared database, trust no cache entry until notifications are received.
        if engines.database != .sqlite { cache.trust(until: .now) }
        let authenticate = Authenticate(
            metadata: metadata,
            hasher: hasher,
            cache: cache,
            limit: SignInLimit(now: Self.systemTime)
        )
        let hotFiles = HotFiles(isEnabled: hotTable, cache: cache)
        let invalidation = Invalidation(cache: cache, hotFiles: hotFiles)
        metadata.database.observe(invalidation.forget)
        let downloads = DownloadCounter(metadata: metadata)
        let accounts = Accounts(metadata: metadata, hasher: hasher)
        return Registry(
            accounts: accounts,
            services: RegistryServices(
                authenticate: authenticate,
                authorize: Authorize(metadata: metadata),
                accounts: accounts,
                uploadFile: uploadFile,
                resumableUploads: ResumableUploads(
                    metadata: metadata,
                    blobs: blobs,
                    staging: staging,
                    uploadFile: uploadFile,
                    limits: limits
                ),
                releases: Releases(metadata: metadata, limits: limits),
                downloadFile: DownloadFile(metadata: metadata, blobs: blobs, digests: digests),
                downloads: downloads,
                deletePackages: DeletePackages(metadata: metadata),
                catalog: Catalog(metadata: metadata, digests: digests),
                browseAccounts: BrowseAccounts(metadata: metadata),
                ownerSettings: OwnerSettings(metadata: metadata, contract: contract, limits: limits),
                contract: contract,
                requiresSignIn: requiresSignIn,
                publicURL: publicURL,
                shutdown: shutdown,
                checkReadiness: {
                    try await metadata.database.checkHealth()
                    try await blobs.checkHealth()
                    try await staging.checkReserve()
                }
            ),
            hotFiles: hotFiles,
            authenticate: authenticate,
            downloads: downloads,
            metadata: metadata,
            clockWatch: clockWatch,
            blobs: blobs,
            staging: staging,
            invalidation: invalidation,
            collectGarbage: CollectGarbage(metadata: metadata, blobs: blobs),
            completeDigests: digests,
            removeStaleUploads: RemoveStaleUploads(metadata: metadata, staging: staging),
            instance: instance,
            lacks: lacks,
            files: pools.files,
            pools: [pools.readers, pools.writers, pools.passwords, pools.files]
        )
    }

    /// The settings of owners, for administrators.
    package var ownerSettings: OwnerSettings { services.ownerSettings }

    /// Starts receiving the changes of other nodes; returns nil if there are none.
    func hearing() -> (@Sendable () async -> Void)? {
        guard let changes = metadata.database.changes() else { return nil }
        return { [invalidation] in await invalidation.run(changes) }
    }

    /// Closes the database and stops the threads.
    package func close() async throws {
        // If the database is unreachable, the leases expire.
        try? await metadata.leases.releaseAll(of: instance)
        try await metadata.database.close()
        for pool in pools { await pool.shutDown() }
    }

    @Sendable
    private static func systemTime() -> Timestamp {
        Timestamp(microseconds: Int64((Date.now.timeIntervalSince1970 * 1_000_000).rounded()))
    }
}
