// SPDX-License-Identifier: Apache-2.0

/// Why a certificate cannot be used.
package struct CertificateError: Error, CustomStringConvertible {
    let path: String
    let problem: String

    static func outOfMemory(_ path: String) -> CertificateError {
        CertificateError(path: path, problem: "there is no memory for it")
    }

    package var description: String {
        "the TLS certificate or key in \(path) cannot be used: \(problem); check the files and who may read them"
    }
}
