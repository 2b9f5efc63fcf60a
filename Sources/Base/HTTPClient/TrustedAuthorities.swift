// SPDX-License-Identifier: Apache-2.0

/// The certificate authorities that a client trusts.
package struct TrustedAuthorities: Hashable, Sendable {
    /// A PEM file of certificates; nil for the system's.
    package let file: String?
    /// A directory of certificates, named by hash as `openssl rehash` does; nil for the system's.
    package let directory: String?
    /// Whether only `file` is trusted.
    let isFileAlone: Bool

    /// The authorities of the operating system.
    package static let system = TrustedAuthorities(file: nil, directory: nil, isFileAlone: false)

    /// Returns the authorities in a file, and no others.
    package static func file(_ path: String) -> TrustedAuthorities {
        TrustedAuthorities(file: path, directory: nil, isFileAlone: true)
    }

    /// Returns the authorities from `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    ///
    /// As in curl and OpenSSL, each variable overrides the system's file or directory. An empty variable counts as unset.
    package static func environment(_ variables: [String: String]) -> TrustedAuthorities {
        func value(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        return TrustedAuthorities(file: value("SSL_CERT_FILE"), directory: value("SSL_CERT_DIR"), isFileAlone: false)
    }
}
