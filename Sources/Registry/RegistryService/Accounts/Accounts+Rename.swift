// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryMetadata

extension Accounts {
    /// Renames a user or an organization; the old name redirects to it until another owner takes the name.
    package func rename(_ owner: Owner, to new: OwnerName) async throws {
        try Self.checkNew(new)
        let outcome = try await accounts.renameOwner(owner.id, to: new)
        switch outcome {
        case .renamed: return
        case .notFound: throw owner.kind == .user ? Self.noUser(owner.name) : Self.noOrganization(owner.name)
        case .nameTaken: throw Self.taken(new)
        }
    }
}
