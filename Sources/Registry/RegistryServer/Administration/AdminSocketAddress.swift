// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A short path to the socket in a data directory, valid in this process during the lifetime of the object.
///
/// A socket address is limited to about a hundred bytes, which the path of a data directory may exceed. The short
/// path therefore refers to an open descriptor of the directory.
final class AdminSocketAddress: Sendable {
    private let descriptor: Int32

    /// Opens the directory.
    init(in directory: DataDirectory) throws {
        descriptor = unsafe directory.path.withCString { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            throw DataDirectoryError(
                description: "cannot open the data directory \(directory.path): check that it exists"
            )
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The path to bind or to connect to.
    var path: String { "/proc/self/fd/\(descriptor)/\(DataDirectory.adminSocketName)" }
}
