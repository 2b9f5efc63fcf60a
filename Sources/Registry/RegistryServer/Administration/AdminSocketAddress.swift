// SPDX-License-Identifier: Apache-2.0

import Files

/// A short path to the socket in a data directory, valid in this process during the lifetime of the object.
///
/// A socket address is limited to about a hundred bytes, which the path of a data directory may exceed. The short
/// path therefore refers to an open descriptor of the directory.
final class AdminSocketAddress: Sendable {
    private let folder: OpenFile

    /// Opens the directory.
    init(in directory: DataDirectory) throws {
        do {
            folder = try OpenFile.open(directory.path, .folder)
        } catch is FileError {
            throw DataDirectoryError(
                description: "cannot open the data directory \(directory.path): check that it exists"
            )
        }
    }

    /// The path to bind or to connect to.
    var path: String { "/proc/self/fd/\(folder.descriptor)/\(DataDirectory.adminSocketName)" }
}
