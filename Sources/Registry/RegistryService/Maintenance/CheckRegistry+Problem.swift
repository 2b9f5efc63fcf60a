// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
package import RegistryStorage

extension CheckRegistry {
    /// Something that is not as it should be.
    package struct Problem: Sendable, CustomStringConvertible {
        /// What it is, in one word for programs.
        package enum Kind: String, CaseIterable, Sendable {
            /// The content of a blob is not in the store.
            case missing
            /// It was damaged and set aside by an earlier check.
            case quarantined
            /// It is shorter or longer than it was published.
            case truncated
            /// It has other bytes than were published.
            case corrupt
            /// It cannot be read.
            case unreadable
            /// One of the further digests in the database is wrong.
            case digests
            /// Content that no row knows.
            case orphaned
            /// A blob that no file refers to and that no garbage collection was told of.
            case forgotten
            /// A version without a file or a package without a version.
            case empty
            /// A wrong count: of a package's versions, or of what an owner uses.
            case miscounted
            /// The database's own check complains.
            case database
        }

        package let kind: Kind
        /// What it is about: a blob's digest, or what else has a name.
        package let subject: String
        package let detail: String
        /// Where the content lies in the store.
        package let key: BlobKey?
        /// The files that cannot be downloaded because of it.
        package let use: BlobUse
        package let isRepaired: Bool

        init(
            _ kind: Kind,
            subject: String,
            detail: String = "",
            key: BlobKey? = nil,
            use: BlobUse = BlobUse(count: 0, paths: []),
            isRepaired: Bool = false
        ) {
            self.kind = kind
            self.subject = subject
            self.detail = detail
            self.key = key
            self.use = use
            self.isRepaired = isRepaired
        }

        /// One line for people.
        package var description: String {
            var text = "\(kind.rawValue): \(subject)"
            if !detail.isEmpty { text += ": \(detail)" }
            if use.count > 0 {
                text += "; it is the content of " + use.paths.joined(separator: ", ")
                let more = use.count - Int64(use.paths.count)
                if more > 0 { text += " and \(more) more" }
            }
            return isRepaired ? text + " (\(repair))" : text
        }

        private var repair: String {
            switch kind {
            case .truncated, .corrupt: "quarantined"
            case .orphaned, .forgotten: "left to the garbage collection"
            case .empty: "deleted"
            default: "corrected"
            }
        }
    }
}
