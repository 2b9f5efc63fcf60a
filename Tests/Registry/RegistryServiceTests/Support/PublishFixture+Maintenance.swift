// SPDX-License-Identifier: Apache-2.0

import Foundation
import Loops
import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport

@testable import RegistryService

extension PublishFixture {
    var removeOrphans: RemoveOrphans { RemoveOrphans(metadata: metadata, blobs: blobs) }
    var checkRegistry: CheckRegistry { CheckRegistry(metadata: metadata, blobs: blobs) }

    /// What a check finds.
    func check(
        quick: Bool = false,
        repair: Bool = false,
        after key: BlobKey? = nil
    ) async throws -> [CheckRegistry.Problem] {
        var options = CheckRegistry.Options()
        options.isQuick = quick
        options.repairs = repair
        options.grace = .zero
        options.start = key
        var problems: [CheckRegistry.Problem] = []
        let summary = try await checkRegistry.run(options) { problems.append($0) }
        guard summary.problems == problems.count else { throw RegistryError.invalid("a problem was not reported") }
        return problems
    }

    /// A folder for a backup of this fixture.
    func backupFolder(_ path: String) async throws -> BackupFolder {
        try LocalDirectory.create(path)
        return BackupFolder(
            path: path,
            blobs: try await BlobBackend.local.open(path),
            staging: try UploadStaging(directory: path + "/staging", pool: .maintenance),
            pool: .maintenance
        )
    }
}
