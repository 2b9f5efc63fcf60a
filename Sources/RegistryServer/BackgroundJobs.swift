// SPDX-License-Identifier: Apache-2.0

import Logging
import RegistryCore
import RegistryMetadata
import RegistryService
import ServiceLifecycle

/// Runs the registry's housekeeping: one after another, each on one process at a time.
struct BackgroundJobs: Service {
    struct Job: Sendable {
        /// Names the job in the log and its lease in the database.
        let name: String
        /// Whether one process does it for all that share the database.
        var isShared = true
        /// Returns how much it did.
        let run: @Sendable () async throws -> Int
    }

    let jobs: [Job]
    let metadata: MetadataStore
    /// Names this process as the holder of leases.
    let holder: String
    let pause: Duration
    let log: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: pause)) != nil {
                for job in jobs where !Task.isCancelled { await attempt(job) }
            }
        }
    }

    private func attempt(_ job: Job) async {
        do {
            if job.isShared {
                guard try await metadata.acquireLease(job.name, holder: holder, for: .seconds(600)) else { return }
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
