// SPDX-License-Identifier: Apache-2.0

import HTTPServer
import SQLiteDriver

/// The libraries of this machine, which may be older than those that were built against.
///
/// libpq and libcurl are looked at by what needs them.
enum Libraries {
    /// Throws when one is too old, before a function is missed or does something else.
    static func check() throws(LibraryError) {
        let problems = [OpenSSLVersion.problem, NGHTTP2Version.problem, SQLiteVersion.problem]
        let sentences = problems.compactMap { $0 }
        guard sentences.isEmpty else { throw LibraryError(description: sentences.joined(separator: "; ")) }
    }
}

/// Why the server does not start with the libraries of this machine.
struct LibraryError: Error, CustomStringConvertible {
    let description: String
}
