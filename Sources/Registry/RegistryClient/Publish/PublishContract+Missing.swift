// SPDX-License-Identifier: Apache-2.0

import RegistryAPI
import RegistryCore

extension PublishContract {
    /// Throws when the contract does not allow one of the names.
    func checkNames(_ files: [FileCoordinate]) throws(ClientError) {
        for file in files {
            do {
                try check(file)
            } catch {
                throw ClientError(.usage, "\(error)")
            }
        }
    }

    /// Returns the files that are not published yet, and throws when the registry would refuse them.
    ///
    /// `published` lists the files of the version, or is nil when the version does not exist.
    func missing(
        _ files: [OutgoingFile],
        of version: VersionCoordinate,
        having published: [FileRecord]?
    ) throws(ClientError) -> [OutgoingFile] {
        guard let published else { return files }
        var missing: [OutgoingFile] = []
        for file in files {
            guard let existing = published.first(where: { $0.name == file.coordinate.file.text }) else {
                missing.append(file)
                continue
            }
            guard existing.sha256 == file.digest.hex else {
                throw ClientError(
                    .conflict,
                    "\(file.coordinate) already exists with different content (published sha256:\(existing.sha256), local"
                        + " \(file.digest)); publish it as a new version"
                )
            }
        }
        if missing.isEmpty, !acceptsIdenticalRetry {
            let what = files.count == 1 ? files.map(\.coordinate.description).joined() : version.description
            throw ClientError(.conflict, "\(what) already exists with the same content; nothing to do")
        }
        guard missing.isEmpty || acceptsFurtherFiles else {
            throw ClientError(
                .conflict,
                "\(version) already exists and does not accept more files; publish a new version, or delete this one first"
            )
        }
        return missing
    }
}
