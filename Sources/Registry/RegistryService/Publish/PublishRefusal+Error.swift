// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata

extension PublishRefusal {
    /// Returns the error for a publisher who lost the permission to publish during the upload.
    func error(publishingTo owner: OwnerName) -> RegistryError {
        switch self {
        case .unauthenticated:
            .unauthenticated(
                "the account was disabled, or its access token or password revoked, during the upload: nothing was stored; "
                    + "sign in again"
            )
        case .notFound:
            .notFound(
                "owner \(owner) no longer exists or is no longer visible to you: nothing was stored; check the name and "
                    + "your permissions"
            )
        case .forbidden(let reason): .forbidden("\(reason); nothing was stored")
        }
    }
}
