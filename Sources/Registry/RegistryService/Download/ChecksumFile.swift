// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata

/// A file that nobody published: the digests of those that somebody did, as `sha256sum --check` reads them.
package struct ChecksumFile: Hashable, Sendable {
    /// Which digests a name asks for.
    private enum Subject {
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

    /// One line a file: the digest in hex, two spaces, the name.
    package let text: String

    /// Makes the checksum file of a name for a version's files; nil when the name asks for none.
    static func make(
        _ name: FileName,
        for files: [StoredFile],
        digests: CompleteDigests
    ) async throws -> ChecksumFile? {
        switch Subject(name) {
        case nil: return nil
        case .oneFile(let name):
            guard let file = files.first(where: { $0.name.folded == name.folded }) else { return nil }
            return ChecksumFile(text: line(file.blob.sha256, file))
        case .allFiles(.sha256):
            return ChecksumFile(text: files.map { line($0.blob.sha256, $0) }.joined())
        case .allFiles(let algorithm):
            var text = ""
            for file in files { text += line(try await digests.digests(of: file.blob)[algorithm], file) }
            return ChecksumFile(text: text)
        }
    }

    private static func line(_ digest: Digest, _ file: StoredFile) -> String {
        "\(digest.hex)  \(file.name)\n"
    }
}
