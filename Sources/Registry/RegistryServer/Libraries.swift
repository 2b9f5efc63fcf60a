// SPDX-License-Identifier: Apache-2.0

import HTTPServer
import SQLiteDriver

/// The versions of the libraries on this machine, which may be older than those at build time.
///
/// The components that load libpq and libcurl check their versions.
enum Libraries {
    /// Throws if a library is too old, before a function is missing or behaves differently.
    static func check() throws(LibraryError) {
        let problems = [OpenSSLVersion.problem, NGHTTP2Version.problem, SQLiteVersion.problem]
        let sentences = problems.compactMap { $0 }
        guard sentences.isEmpty else { throw LibraryError(description: sentences.joined(separator: "; ")) }
    }
}

/// The error when a library of this machine is too old.
struct LibraryError: Error, CustomStringConvertible {
    let description: String
}
