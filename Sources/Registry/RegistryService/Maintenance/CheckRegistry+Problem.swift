// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
import RegistryStorage

extension CheckRegistry {
    /// A problem that a check found.
    package struct Problem: Sendable, CustomStringConvertible {
        /// The kind of a problem, in one word for programs.
        package enum Kind: String, CaseIterable, Sendable {
            /// The content of a blob is not in the store.
            case missing
            /// The content was damaged, and an earlier check quarantined it.
            case quarantined
            /// The content is shorter or longer than published.
            case truncated
            /// The content differs from the published bytes.
            case corrupt
            /// The content cannot be read.
            case unreadable
            /// A digest other than SHA-256 in the database is wrong.
            case digests
            /// The content has no row.
            case orphaned
            /// A blob has no files and is not scheduled for garbage collection.
            case forgotten
            /// A version has no files, or a package has no versions.
            case empty
            /// A count is wrong: of a package's versions, or of an owner's usage.
            case miscounted
            /// The database's own integrity check reports a problem.
            case database
        }

        package let kind: Kind
        /// The subject: a blob's digest, or another name.
        package let subject: String
        package let detail: String
        /// The key of the content in the store.
        package let key: BlobKey?
        /// The files that cannot be downloaded because of the problem.
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

        /// One line for human readers.
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
