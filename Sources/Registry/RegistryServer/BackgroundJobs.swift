// SPDX-License-Identifier: Apache-2.0

import Log
import RegistryCore
import RegistryMetadata
import RegistryService
import RegistryStorage

/// Runs the registry's housekeeping: one after another, each on one process at a time.
struct BackgroundJobs: Sendable {
    struct Job: Sendable {
        /// Names the job in the log and its lease in the database.
        let name: String
        /// Whether one process does it for all that share the database.
        var isShared = true
        /// How long nobody does it again after it was done, also not this process; nil when each round does it.
        var interval: Duration?
        /// Returns how much it did.
        let run: @Sendable () async throws -> Int
    }

    let jobs: [Job]
    let metadata: MetadataStore
    /// Names this process as the holder of leases.
    let holder: String
    let pause: Duration
    let log: Logger

    /// Works until the task is cancelled.
    func run() async {
        while (try? await Task.sleep(for: pause)) != nil { await runOnce() }
    }

    /// Does each job once, now.
    func runOnce() async {
        for job in jobs where !Task.isCancelled { await attempt(job) }
    }

    private func attempt(_ job: Job) async {
        do {
            if job.isShared {
                let isMine = try await metadata.acquireLease(
                    job.name,
                    // A lease that its holder cannot prolong keeps the job from being done again too early.
                    holder: job.interval == nil ? holder : UploadID.random().text,
                    for: job.interval ?? MetadataStore.leaseDuration
                )
                guard isMine else { return }
            }
            let count = try await job.run()
            guard count > 0 else { return }
            log.log(
                level: job.isShared ? .info : .debug,
                "job done",
                metadata: [LogKey.job: "\(job.name)", LogKey.count: "\(count)"]
            )
        } catch is CancellationError {
            return
        } catch {
            log.warning("job failed", metadata: [LogKey.job: "\(job.name)", LogKey.cause: "\(error)"])
        }
    }
}
