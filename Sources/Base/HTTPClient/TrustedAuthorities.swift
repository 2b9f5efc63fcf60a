// SPDX-License-Identifier: Apache-2.0

/// Whose signatures make a server's certificate believed.
package struct TrustedAuthorities: Hashable, Sendable {
    /// A file of certificates in PEM; nil for the system's.
    package let file: String?
    /// A directory of certificates, named for their hashes as `openssl rehash` does; nil for the system's.
    package let directory: String?
    /// Whether nothing but `file` counts.
    let isFileAlone: Bool

    /// Those of the operating system.
    package static let system = TrustedAuthorities(file: nil, directory: nil, isFileAlone: false)

    /// Those of a file alone.
    package static func file(_ path: String) -> TrustedAuthorities {
        TrustedAuthorities(file: path, directory: nil, isFileAlone: true)
    }

    /// What `SSL_CERT_FILE` and `SSL_CERT_DIR` say; each takes the place of the system's own file or directory, as it
    /// does for curl and OpenSSL.
    ///
    /// An empty variable counts as none.
    package static func environment(_ variables: [String: String]) -> TrustedAuthorities {
        func value(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        return TrustedAuthorities(file: value("SSL_CERT_FILE"), directory: value("SSL_CERT_DIR"), isFileAlone: false)
    }
}
