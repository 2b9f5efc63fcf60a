// SPDX-License-Identifier: Apache-2.0

import RegistryAPI
import RegistryClient
import RegistryCore

/// A file of a version that a command processes.
struct SelectedFile {
    let coordinate: FileCoordinate
    let record: FileRecord
}

extension VersionRecord {
    /// Returns the files with the given names, or all; names from the server are validated before use as paths.
    func selection(_ names: [String], of version: VersionCoordinate) throws -> [SelectedFile] {
        let wanted = names.isEmpty ? files.map(\.name) : names
        return try wanted.map { name in
            let coordinate = try PackageReference.file(name, of: version)
            let record = files.first { $0.name == name } ?? files.first { sameFile($0.name, coordinate.file) }
            guard let record else {
                throw ClientError(.notFound, "\(version) has no file \(name.quoted()); see granary show \(version)")
            }
            return SelectedFile(coordinate: try PackageReference.file(record.name, of: version), record: record)
        }
    }

    /// Compares names without case, like the registry.
    private func sameFile(_ name: String, _ file: FileName) -> Bool {
        (try? FileName(name))?.folded == file.folded
    }
}
