// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A local file and what it is to be published as.
package struct FileToPublish: Hashable, Sendable {
    package let path: String
    package let coordinate: FileCoordinate

    /// Names a local file's place in the registry.
    package init(path: String, coordinate: FileCoordinate) {
        self.path = path
        self.coordinate = coordinate
    }
}

/// A local file with its digest, which says whether the registry has it already.
struct OutgoingFile {
    let path: String
    let coordinate: FileCoordinate
    let sizeInBytes: Int64
    let digest: Digest

    /// Reads the file for its digest.
    init(_ local: LocalFile, _ coordinate: FileCoordinate) async throws {
        path = local.path
        self.coordinate = coordinate
        sizeInBytes = local.sizeInBytes
        digest = try await local.sha256()
    }

    /// Tells whether this is the file of that name and content.
    func isSame(name: String, sha256: String) -> Bool {
        coordinate.file.text == name && digest.hex == sha256
    }
}
