// SPDX-License-Identifier: Apache-2.0

import RegistryAPI
import RegistryCore

/// Converts domain values to Gitea's records, limited to what one caller may see.
struct GiteaView {
    let caller: Caller
    let publicURL: PublicURL

    /// Returns the record of a user or an organization.
    func user(_ profile: OwnerProfile) -> GiteaUser {
        let knowsAll = profile.account.map { isAdministrator || $0.id == caller.account?.id } ?? false
        var user = GiteaUser(
            id: profile.owner.id,
            login: profile.owner.name.text,
            email: knowsAll || showsEmail(profile) ? profile.email : placeholder(profile.owner.name),
            htmlURL: url(of: profile.owner.name),
            created: .moment(profile.createdAt),
            visibility: profile.owner.visibility
        )
        user.details = profile.details
        user.isRestricted = profile.account?.isRestricted ?? false
        if knowsAll, let account = profile.account {
            user.lastLogin = .never
            user.isAdmin = account.isAdministrator
            user.isActive = account.isActive
            user.isLoginProhibited = account.isLoginProhibited
        }
        return user
    }

    func package(_ entry: VersionEntry, owner: OwnerProfile) -> GiteaPackage {
        let path = [owner.owner.name.text, "-", "packages", "generic", entry.package.folded, entry.version.folded]
        return GiteaPackage(
            entry,
            owner: user(owner),
            creator: entry.creator.map { user($0) } ?? ghost,
            htmlURL: ([publicURL.text] + path.map { percentEncoded($0) }).joined(separator: "/")
        )
    }

    /// The placeholder for a deleted account.
    private var ghost: GiteaUser {
        GiteaUser(
            id: -1,
            login: "Ghost",
            email: "",
            htmlURL: publicURL.text + "/Ghost",
            created: .never,
            visibility: .public
        )
    }

    private var isAdministrator: Bool { caller.account?.isAdministrator ?? false }

    private func showsEmail(_ profile: OwnerProfile) -> Bool {
        caller.account != nil && !profile.isEmailHidden && profile.owner.visibility != .private
    }

    private func placeholder(_ name: OwnerName) -> String { "\(name.folded)@noreply.\(publicURL.host)" }

    private func url(of name: OwnerName) -> String { "\(publicURL.text)/\(percentEncoded(name.text))" }
}
