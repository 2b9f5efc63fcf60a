// SPDX-License-Identifier: Apache-2.0

/// The reason why a certificate cannot be used.
package struct CertificateError: Error, CustomStringConvertible {
    let path: String
    let problem: String

    static func outOfMemory(_ path: String) -> CertificateError {
        CertificateError(path: path, problem: "out of memory")
    }

    package var description: String {
        "cannot use the TLS certificate or key in \(path): \(problem); check the files and their permissions"
    }
}
