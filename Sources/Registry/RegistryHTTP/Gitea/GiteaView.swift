// SPDX-License-Identifier: Apache-2.0

import RegistryAPI
import RegistryCore
import RegistryService

/// Converts domain values to Gitea's records, limited to what one caller may see.
struct GiteaView {
    let caller: Caller
    let publicURL: PublicURL

    /// Returns the record of a user or an organization.
    func user(_ profile: OwnerProfile) -> GiteaUser {
        let knowsAll = profile.account.map { isAdministrator || $0.id == caller.account?.id } ?? false
        return GiteaUser(
            id: profile.owner.id,
            login: profile.owner.name.text,
            fullName: profile.details.fullName,
            email: knowsAll || showsEmail(profile) ? profile.email : placeholder(profile.owner.name),
            htmlURL: url(of: profile.owner.name),
            isAdmin: knowsAll && profile.account?.isAdministrator == true,
            lastLogin: knowsAll ? .never : .hidden,
            created: .moment(profile.createdAt),
            isRestricted: profile.account?.isRestricted ?? false,
            isActive: knowsAll && profile.account?.isActive == true,
            isLoginProhibited: knowsAll && profile.account?.isLoginProhibited == true,
            location: profile.details.location,
            website: profile.details.website,
            description: profile.details.description,
            visibility: profile.owner.visibility.rawValue
        )
    }

    func organization(_ profile: OwnerProfile) -> GiteaOrganization {
        GiteaOrganization(
            id: profile.owner.id,
            name: profile.owner.name.text,
            fullName: profile.details.fullName,
            email: profile.email,
            description: profile.details.description,
            website: profile.details.website,
            location: profile.details.location,
            visibility: profile.owner.visibility.rawValue
        )
    }

    /// Returns the record of a team; as in Gitea, the list of one organization's teams omits the organization.
    func team(_ team: Team, of organization: OwnerProfile?) -> GiteaTeam {
        let level = team.isOwners ? "owner" : team.isAdministrators ? "admin" : nil
        return GiteaTeam(
            id: team.id,
            name: team.name.text,
            description: team.description,
            organization: organization.map { self.organization($0) },
            isOwners: team.isOwners,
            permission: level ?? "none",
            packages: level ?? (team.packages == .none ? nil : team.packages.rawValue)
        )
    }

    func package(_ entry: VersionEntry, owner: OwnerProfile) -> GiteaPackage {
        let path = [owner.owner.name.text, "-", "packages", "generic", entry.package.folded, entry.version.folded]
        return GiteaPackage(
            id: entry.id,
            owner: user(owner),
            creator: entry.creator.map { user($0) } ?? ghost,
            name: entry.package.text,
            version: entry.version.text,
            htmlURL: ([publicURL.text] + path.map { percentEncoded($0) }).joined(separator: "/"),
            createdAt: .moment(entry.createdAt)
        )
    }

    func file(_ file: StoredFile, _ digests: FileDigests?) -> GiteaPackageFile {
        GiteaPackageFile(
            id: file.id,
            size: file.blob.sizeInBytes,
            name: file.name.text,
            md5: digests?.md5.hex ?? "",
            sha1: digests?.sha1.hex ?? "",
            sha256: file.blob.sha256.hex,
            sha512: digests?.sha512.hex ?? ""
        )
    }

    /// Returns the record of a token; the secret is included only when the token is created.
    func token(_ token: AccessToken, secret: AccessTokenSecret? = nil) -> GiteaAccessToken {
        GiteaAccessToken(
            id: token.id,
            name: token.name.text,
            secret: secret?.text ?? "",
            lastEight: token.lastEight,
            scopes: token.scopes.names,
            createdAt: .moment(token.createdAt),
            lastUsedAt: token.lastUsedAt.map { .moment($0) } ?? .never
        )
    }

    func settings(_ profile: OwnerProfile) -> GiteaUserSettings {
        GiteaUserSettings(
            fullName: profile.details.fullName,
            website: profile.details.website,
            description: profile.details.description,
            location: profile.details.location,
            hidesEmail: profile.isEmailHidden
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
            visibility: Visibility.public.rawValue
        )
    }

    private var isAdministrator: Bool { caller.account?.isAdministrator ?? false }

    private func showsEmail(_ profile: OwnerProfile) -> Bool {
        caller.account != nil && !profile.isEmailHidden && profile.owner.visibility != .private
    }

    private func placeholder(_ name: OwnerName) -> String { "\(name.folded)@noreply.\(publicURL.host)" }

    private func url(of name: OwnerName) -> String { "\(publicURL.text)/\(percentEncoded(name.text))" }
}
