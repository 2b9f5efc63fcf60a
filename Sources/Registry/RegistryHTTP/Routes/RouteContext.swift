// SPDX-License-Identifier: Apache-2.0

import HTTPServer
package import Loops
package import RegistryCore
package import RegistryMetadata
package import RegistryService
import RegistryStorage

/// The services that handlers use.
package struct RegistryServices: Sendable {
    package let metadata: MetadataStore
    package let authenticate: Authenticate
    package let accounts: Accounts
    package let uploadFile: UploadFile
    package let resumableUploads: ResumableUploads
    package let releases: Releases
    package let downloadFile: DownloadFile
    package let downloads: DownloadCounter
    package let deletePackages: DeletePackages
    package let browsePackages: BrowsePackages
    package let ownerSettings: OwnerSettings
    /// The contract of owners without one of their own.
    package let contract: PublishContract
    /// Whether the registry requires sign-in for all access.
    package let requiresSignIn: Bool
    package let publicURL: PublicURL
    /// Signals that the server is to stop.
    package let shutdown: Shutdown
    /// Throws if the registry currently cannot accept writes.
    package let checkReadiness: @Sendable () async throws -> Void

    package init(
        metadata: MetadataStore,
        authenticate: Authenticate,
        accounts: Accounts,
        uploadFile: UploadFile,
        resumableUploads: ResumableUploads,
        releases: Releases,
        downloadFile: DownloadFile,
        downloads: DownloadCounter,
        deletePackages: DeletePackages,
        browsePackages: BrowsePackages,
        ownerSettings: OwnerSettings,
        contract: PublishContract,
        requiresSignIn: Bool = false,
        publicURL: PublicURL,
        shutdown: Shutdown = Shutdown(),
        checkReadiness: @escaping @Sendable () async throws -> Void
    ) {
        self.metadata = metadata
        self.authenticate = authenticate
        self.accounts = accounts
        self.uploadFile = uploadFile
        self.resumableUploads = resumableUploads
        self.releases = releases
        self.downloadFile = downloadFile
        self.downloads = downloads
        self.deletePackages = deletePackages
        self.browsePackages = browsePackages
        self.ownerSettings = ownerSettings
        self.contract = contract
        self.requiresSignIn = requiresSignIn
        self.publicURL = publicURL
        self.shutdown = shutdown
        self.checkReadiness = checkReadiness
    }

    var browseAccounts: BrowseAccounts { BrowseAccounts(metadata: metadata) }
    var listVersions: ListVersions { ListVersions(metadata: metadata) }
    var searchPackages: SearchPackages { SearchPackages(metadata: metadata) }
}

/// The context of one request in a handler.
package struct RouteContext: Sendable {
    let path: PathParameters
    let actor: Actor
    let services: RegistryServices
    let hotFiles: HotFiles
    /// Authenticates the caller again, and rejects a caller that may no longer use the route.
    let identify: @Sendable () async throws -> Actor

    /// Looks up an owner and authorizes the caller for the given permission; the only way to get an `Owner`.
    ///
    /// A hidden owner results in the same error as a missing one.
    func authorize(_ needed: Permission, on name: OwnerName) async throws -> Owner {
        let found = try await services.metadata.owner(name, seenBy: actor.account)
        return try decide(needed, on: name, found?.owner, found?.access)
    }

    /// Authorizes a download and finds the file with a single database statement.
    ///
    /// If the request needs content, the same thread also opens it where the store supports that.
    func authorizeDownload(
        of file: FileCoordinate,
        for request: Request
    ) async throws -> (owner: Owner, file: StoredFile?, content: (any OpenBlob)?) {
        let (actor, downloads) = (actor, services.downloadFile)
        let found = try await services.metadata.download(file, seenBy: actor.account) { access, stored in
            guard case .allowed = AccessPolicy.decision(for: .read, by: actor, on: access),
                BlobSelection(request, of: stored).hasBody
            else { return (any OpenBlob)?.none }
            return downloads.openAtOnce(stored)
        }
        // Do not query again: the response for a missing owner must not take longer than that for a hidden one.
        guard let found else { return (try decide(.read, on: file.owner, nil, nil), nil, nil) }
        return (try decide(.read, on: file.owner, found.owner, found.access), found.file, found.content)
    }

    private func decide(
        _ needed: Permission,
        on name: OwnerName,
        _ owner: Owner?,
        _ access: OwnerAccess?
    ) throws -> Owner {
        switch AccessPolicy.decision(for: needed, by: actor, on: access) {
        case .allowed:
            guard let owner else { throw notFound(name) }
            guard owner.name.folded == name.folded else { throw OwnerMoved(name: owner.name) }
            return owner
        case .unauthenticated:
            throw RegistryError.unauthenticated(
                "sign in to \(needed == .write ? "change" : "use") the packages of \(name): send a user name and "
                    + "password, or an access token"
            )
        case .notFound: throw notFound(name)
        case .forbidden(let reason): throw RegistryError.forbidden(reason.description)
        }
    }

    /// Returns the signed-in account.
    func account() throws -> Account {
        guard let account = actor.account else { throw Self.signIn }
        return account
    }

    static let signIn = RegistryError.unauthenticated("sign in: send a user name and password, or an access token")

    /// Returns the signed-in account after receiving the body, if it may still use the route.
    func accountNow() async throws -> Account {
        guard let account = try await identify().account, account.id == actor.account?.id else {
            throw RegistryError.unauthenticated("sign in again: another account now has your user name")
        }
        return account
    }

    /// Returns the contract in force for an owner.
    func contract(of owner: Owner) -> PublishContract {
        owner.contract.map { PublishContract($0) } ?? services.contract
    }

    /// Returns the error for an owner that does not exist or that the actor may not see.
    func notFound(_ name: OwnerName) -> RegistryError {
        .notFound("the owner \(name) does not exist or is not visible to you: check the name and your permissions")
    }
}
