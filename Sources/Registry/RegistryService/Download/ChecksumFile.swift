// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryMetadata

/// A generated file with the digests of published files, in the format that `sha256sum --check` reads.
package struct ChecksumFile: Sendable {
    /// The digests that a file name requests.
    enum Subject {
        case allFiles(DigestAlgorithm)
        case oneFile(FileName)

        init?(_ name: FileName) {
            switch name.folded {
            case "sha256sums": self = .allFiles(.sha256)
            case "sha512sums": self = .allFiles(.sha512)
            default:
                guard name.text.lowercased().hasSuffix(FileName.checksumSuffix),
                    let file = try? FileName(String(name.text.dropLast(FileName.checksumSuffix.count)))
                else { return nil }
                self = .oneFile(file)
            }
        }
    }

    /// The listed files.
    package let files: FilePages<StoredFile>
    let algorithm: DigestAlgorithm
    let digests: CompleteDigests

    /// Returns the line of a file: the digest in hex, two spaces, the name.
    package func line(_ file: StoredFile) async throws -> String {
        let digest = algorithm == .sha256 ? file.blob.sha256 : try await digests.digests(of: file.blob)[algorithm]
        return "\(digest.hex)  \(file.name)\n"
    }
}
