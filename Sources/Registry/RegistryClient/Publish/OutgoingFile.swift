// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A local file with its coordinate in the registry.
package struct FileToPublish: Hashable, Sendable {
    package let path: String
    package let coordinate: FileCoordinate

    /// Creates the assignment of a local file to a coordinate.
    package init(path: String, coordinate: FileCoordinate) {
        self.path = path
        self.coordinate = coordinate
    }
}

/// A local file with its digest, which shows whether the registry already has the content.
struct OutgoingFile {
    let path: String
    let coordinate: FileCoordinate
    let sizeInBytes: Int64
    let digest: Digest

    /// Reads the file to compute its digest.
    init(_ local: SourceFile, _ coordinate: FileCoordinate) async throws {
        path = local.path
        self.coordinate = coordinate
        sizeInBytes = local.sizeInBytes
        digest = try await local.sha256()
    }

    /// Returns whether this file has the given name and content.
    func isSame(name: String, sha256: String) -> Bool {
        coordinate.file.text == name && digest.hex == sha256
    }
}
