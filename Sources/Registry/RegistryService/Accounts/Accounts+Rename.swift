// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

extension Accounts {
    /// Gives a user or an organization another name; the old one leads to it until somebody takes it.
    package func rename(_ name: OwnerName, _ kind: Owner.Kind, to new: OwnerName) async throws {
        try Self.checkNew(new)
        let outcome = try await metadata.renameOwner(name, kind, to: new)
        cache.forgetAll()
        switch outcome {
        case .renamed: return
        case .notFound: throw kind == .user ? Self.noUser(name) : Self.noOrganization(name)
        case .nameTaken: throw Self.taken(new)
        }
    }
}
