// SPDX-License-Identifier: Apache-2.0

import RegistryCore

extension Setting {
    static let limits: [Setting] = [
        Setting(
            "limits.file-size",
            "the maximum file size, such as 10GiB",
            default: "50GiB",
            .size("50GiB"),
            at: \.limits.fileSize
        ),
        Setting(
            "limits.owner-size",
            "the default storage quota per owner, such as 100GiB, or none",
            default: "none",
            .sizeOrNone("100GiB"),
            at: \.limits.quotas.owner.size
        ),
        Setting(
            "limits.owner-versions",
            "the default version quota per owner, or none",
            default: "none",
            .countOrNone,
            at: \.limits.quotas.owner.versionCount
        ),
        Setting(
            "limits.total-size",
            "the storage quota of all owners together, such as 2TiB, or none",
            default: "none",
            .sizeOrNone("2TiB"),
            at: \.limits.quotas.total.size
        ),
        Setting(
            "limits.total-versions",
            "the version quota of all owners together, or none",
            default: "none",
            .countOrNone,
            at: \.limits.quotas.total.versionCount
        ),
        Setting(
            "limits.uploads",
            "the maximum number of incomplete resumable uploads per owner, or none",
            default: "1000",
            .countOrNone,
            at: \.limits.uploads
        ),
        Setting(
            "limits.drafts",
            "the maximum number of drafts per owner, or none",
            default: "1000",
            .countOrNone,
            at: \.limits.drafts
        ),
        Setting(
            "limits.connections",
            "the maximum number of concurrent connections",
            default: "4096",
            .number(1...Int.max, "a positive number"),
            at: \.limits.connections
        ),
        Setting(
            "limits.upload-rate",
            "the minimum upload rate per second, such as 64KiB",
            default: "1KiB",
            .size("1KiB"),
            at: \.limits.uploadRate
        ),
    ]

    static let timeouts: [Setting] = [
        Setting(
            "timeouts.upload-window",
            "the averaging window of limits.upload-rate, such as 10s",
            default: "30s",
            .duration,
            at: \.limits.uploadWindow
        ),
        Setting(
            "timeouts.stalled-reader",
            "the timeout for clients that stop reading a response, such as 10m",
            default: "5m",
            .duration,
            at: \.limits.stalledReader
        ),
        Setting(
            "timeouts.idle",
            "the idle timeout of a connection, such as 30s",
            default: "60s",
            .duration,
            at: \.limits.idleTimeout
        ),
        Setting(
            "timeouts.shutdown",
            "the grace period for running requests at shutdown, such as 2m",
            default: "30s",
            .duration,
            at: \.limits.shutdownTimeout
        ),
        Setting(
            "timeouts.upload",
            "the lifetime of an incomplete resumable upload after its last byte, such as 48h",
            default: "24h",
            .duration,
            at: \.limits.uploadLifetime
        ),
        Setting(
            "timeouts.draft",
            "the lifetime of a draft after its last file, such as 168h",
            default: "720h",
            .duration,
            at: \.limits.draftLifetime
        ),
    ]
}
