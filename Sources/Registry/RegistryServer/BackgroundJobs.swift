// SPDX-License-Identifier: Apache-2.0

import Log
import RegistryCore
import RegistryMetadata
import RegistryService
import RegistryStorage

/// Runs the registry's background jobs one after another, each on one process at a time.
struct BackgroundJobs: Sendable {
    struct Job: Sendable {
        /// The name of the job in the log and of its lease in the database.
        let name: String
        /// Whether one process runs the job for all that share the database.
        var isShared = true
        /// The minimum time between two runs on any process; nil to run in every round.
        var interval: Duration?
        /// Returns the number of processed items.
        let run: @Sendable () async throws -> Int
    }

    let jobs: [Job]
    let metadata: Metadata
    /// The identifier of this process as a lease holder.
    let holder: String
    let pause: Duration
    let log: Logger

    /// Runs the jobs periodically until the task is cancelled.
    func run() async {
        while (try? await Task.sleep(for: pause)) != nil { await runOnce() }
    }

    /// Runs each job once, immediately.
    func runOnce() async {
        for job in jobs where !Task.isCancelled { await attempt(job) }
    }

    private func attempt(_ job: Job) async {
        do {
            if job.isShared {
                let isMine = try await metadata.leases.acquire(
                    job.name,
                    // A random holder cannot renew the lease, so the job does not run again too early.
                    holder: job.interval == nil ? holder : UploadID.random().text,
                    for: job.interval ?? LeaseStore.duration
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
