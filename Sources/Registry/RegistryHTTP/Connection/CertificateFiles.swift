// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
package import NIOSSL
import Synchronization

/// A certificate with its key in PEM files, read again when the files change, without a restart.
package final class CertificateFiles: Sendable {
    private struct Loaded {
        var chain: [NIOSSLCertificate]
        var key: NIOSSLPrivateKey
        var stamps: [Stamp]

        var configuration: TLSConfiguration {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(key)
            )
            configuration.minimumTLSVersion = .tlsv12
            return configuration
        }
    }

    /// Tells whether a file was replaced or written.
    private struct Stamp: Equatable {
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int
    }

    private let certificatePath: String
    private let keyPath: String
    private let loaded: Mutex<Loaded>

    /// Reads both files.
    package init(certificate: String, key: String) throws {
        certificatePath = certificate
        keyPath = key
        loaded = Mutex(try Self.load(certificate, key))
    }

    /// Reads the files again when they changed; what was read before stays in use until both are right.
    ///
    /// Returns whether a new certificate is in use.
    package func reloadIfChanged() throws -> Bool {
        let stamps = [Self.stamp(certificatePath), Self.stamp(keyPath)].compactMap { $0 }
        guard stamps.count == 2, loaded.withLock({ $0.stamps != stamps }) else { return false }
        let new = try Self.load(certificatePath, keyPath)
        loaded.withLock { $0 = new }
        return true
    }

    /// A configuration whose every handshake uses what was read last.
    package var configuration: TLSConfiguration {
        var configuration = loaded.withLock { $0.configuration }
        configuration.sslContextCallback = { [self] _, promise in
            var override = NIOSSLContextConfigurationOverride()
            loaded.withLock { loaded in
                override.certificateChain = loaded.chain.map { .certificate($0) }
                override.privateKey = .privateKey(loaded.key)
            }
            promise.succeed(override)
        }
        return configuration
    }

    private static func load(_ certificate: String, _ key: String) throws -> Loaded {
        // The stamps first: what is written after them is seen as a change.
        let stamps = [stamp(certificate), stamp(key)].compactMap { $0 }
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate)
            guard !chain.isEmpty else { throw CertificateError(path: certificate, problem: "it holds no certificate") }
            let loaded = Loaded(chain: chain, key: try NIOSSLPrivateKey(file: key, format: .pem), stamps: stamps)
            // Fails when the key is not the certificate's, as between the replacement of one file and of the other.
            _ = try NIOSSLContext(configuration: loaded.configuration)
            return loaded
        } catch let error as CertificateError {
            throw error
        } catch {
            throw CertificateError(
                path: "\(certificate) or \(key)",
                problem: "they are not PEM files of a certificate and its key"
            )
        }
    }

    private static func stamp(_ path: String) -> Stamp? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Stamp(
            inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec
        )
    }
}

/// Why a certificate can not be used.
package struct CertificateError: Error, CustomStringConvertible {
    let path: String
    let problem: String

    package var description: String {
        "the TLS certificate or key in \(path) can not be used: \(problem); check the files and who may read them"
    }
}
