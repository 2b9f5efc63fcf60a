// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import NIOCore
package import RegistryCore
package import RegistryMetadata
package import RegistryService

/// What the handlers work with.
package struct RegistryServices: Sendable {
    package let metadata: MetadataStore
    package let authenticate: Authenticate
    package let uploadFile: UploadFile
    package let downloadFile: DownloadFile
    package let downloads: DownloadCounter
    package let deletePackages: DeletePackages
    package let browsePackages: BrowsePackages
    /// The contract of owners that have none of their own.
    package let contract: PublishContract
    /// Throws when the registry can not take writes now.
    package let checkReadiness: @Sendable () async throws -> Void

    package init(
        metadata: MetadataStore,
        authenticate: Authenticate,
        uploadFile: UploadFile,
        downloadFile: DownloadFile,
        downloads: DownloadCounter,
        deletePackages: DeletePackages,
        browsePackages: BrowsePackages,
        contract: PublishContract,
        checkReadiness: @escaping @Sendable () async throws -> Void
    ) {
        self.metadata = metadata
        self.authenticate = authenticate
        self.uploadFile = uploadFile
        self.downloadFile = downloadFile
        self.downloads = downloads
        self.deletePackages = deletePackages
        self.browsePackages = browsePackages
        self.contract = contract
        self.checkReadiness = checkReadiness
    }
}

/// One request on its way through a handler.
package struct RouteContext: Sendable {
    let path: PathParameters
    let actor: Actor
    let services: RegistryServices
    let hotFiles: HotFiles
    let channel: any Channel

    /// Finds an owner and checks that the actor may do something with its packages; the only way to an `Owner`.
    ///
    /// Who may not know that an owner exists gets the same answer as for one that does not.
    func authorize(_ needed: Permission, on name: OwnerName) async throws -> Owner {
        let found = try await services.metadata.owner(name, seenBy: actor.account)
        switch AccessPolicy.decision(for: needed, by: actor, on: found?.access) {
        case .allowed:
            if let found { return found.owner }
            throw notFound(name)
        case .unauthenticated:
            throw RegistryError.unauthenticated(
                "sign in to \(needed == .write ? "change" : "use") the packages of \(name): send a user name with its "
                    + "password, or an access token"
            )
        case .notFound: throw notFound(name)
        case .forbidden(let reason): throw RegistryError.forbidden(reason.description)
        }
    }

    /// The account that has signed in.
    func account() throws -> Account {
        guard let account = actor.account else {
            throw RegistryError.unauthenticated("sign in: send a user name with its password, or an access token")
        }
        return account
    }

    /// The contract in force for an owner.
    func contract(of owner: Owner) -> PublishContract {
        owner.contract.map { PublishContract($0) } ?? services.contract
    }

    private func notFound(_ name: OwnerName) -> RegistryError {
        .notFound("there is no owner \(name), or you may not see it: check the name and your permissions")
    }
}
