// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryService

/// Gitea's management interface, `/api/v1`, as far as a package registry needs it.
package enum ManagementRoutes {
    /// The routes of all its areas.
    package static let routes =
        server + UserRoutes.routes + TokenRoutes.routes + OrganizationRoutes.routes + MemberRoutes.routes
        + TeamRoutes.routes + AdminRoutes.routes + PackageRoutes.routes

    private static let server = [
        Route(
            .get,
            .giteaVersion,
            access: .anyone(),
            "Returns the version of the server",
            answers: .record(GiteaVersion.self)
        ) { _, _ in Response(GiteaVersion.current) },
        Route(
            .get,
            .giteaSettings,
            access: .anyone(),
            "Returns the limits on page sizes",
            answers: .record(GiteaAPISettings.self)
        ) { _, _ in Response(GiteaAPISettings()) },
    ]
}
