// SPDX-License-Identifier: Apache-2.0

import HTTPServer
package import Loops
package import RegistryCore
package import RegistryService
import RegistryStorage

/// The services that handlers use.
package struct RegistryServices: Sendable {
    package let authenticate: Authenticate
    package let authorize: Authorize
    package let accounts: Accounts
    package let uploadFile: UploadFile
    package let resumableUploads: ResumableUploads
    package let releases: Releases
    package let downloadFile: DownloadFile
    package let downloads: DownloadCounter
    package let deletePackages: DeletePackages
    package let catalog: Catalog
    package let browseAccounts: BrowseAccounts
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
        authenticate: Authenticate,
        authorize: Authorize,
        accounts: Accounts,
        uploadFile: UploadFile,
        resumableUploads: ResumableUploads,
        releases: Releases,
        downloadFile: DownloadFile,
        downloads: DownloadCounter,
        deletePackages: DeletePackages,
        catalog: Catalog,
        browseAccounts: BrowseAccounts,
        ownerSettings: OwnerSettings,
        contract: PublishContract,
        requiresSignIn: Bool = false,
        publicURL: PublicURL,
        shutdown: Shutdown = Shutdown(),
        checkReadiness: @escaping @Sendable () async throws -> Void
    ) {
        self.authenticate = authenticate
        self.authorize = authorize
        self.accounts = accounts
        self.uploadFile = uploadFile
        self.resumableUploads = resumableUploads
        self.releases = releases
        self.downloadFile = downloadFile
        self.downloads = downloads
        self.deletePackages = deletePackages
        self.catalog = catalog
        self.browseAccounts = browseAccounts
        self.ownerSettings = ownerSettings
        self.contract = contract
        self.requiresSignIn = requiresSignIn
        self.publicURL = publicURL
        self.shutdown = shutdown
        self.checkReadiness = checkReadiness
    }
}

/// The context of one request in a handler.
package struct RouteContext: Sendable {
    let path: PathParameters
    let caller: Caller
    let services: RegistryServices
    let hotFiles: HotFiles
    /// Authenticates the caller again, and rejects a caller that may no longer use the route.
    let identify: @Sendable () async throws -> Caller

    /// Returns the owner of a name if the caller has a permission on its packages.
    func authorize(_ needed: Permission, on name: OwnerName) async throws -> Owner {
        try await services.authorize(needed, on: name, by: caller)
    }

    /// Does the same for a download and finds the file; opens it, if the store can do so at once and the response has a body.
    func authorizeDownload(
        of file: FileCoordinate,
        for request: Request
    ) async throws -> (owner: Owner, file: StoredFile?, content: (any OpenBlob)?) {
        let downloads = services.downloadFile
        return try await services.authorize.download(of: file, by: caller) { stored in
            BlobSelection(request, of: stored).hasBody ? downloads.openAtOnce(stored) : nil
        }
    }

    /// Returns the signed-in account.
    func account() throws -> Account {
        try Authorize.account(of: caller)
    }

    /// Returns the signed-in account after receiving the body, if it may still use the route.
    func accountNow() async throws -> Account {
        guard let account = try await identify().account, account.id == caller.account?.id else {
            throw RegistryError.unauthenticated("sign in again: another account now has your user name")
        }
        return account
    }

    /// Returns the contract in force for an owner.
    func contract(of owner: Owner) -> PublishContract {
        owner.contract.map { PublishContract($0) } ?? services.contract
    }
}
