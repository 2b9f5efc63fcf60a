// SPDX-License-Identifier: Apache-2.0

/// The tables of all areas, from which the server routes requests and the description is generated.
package enum Routes {
    package static let all =
        GenericPackageRoutes.routes + ReleaseRoutes.routes + UploadRoutes.routes + BrowseRoutes.routes
        + SearchRoutes.routes + OwnerRoutes.routes
        + ManagementRoutes.routes + HealthRoutes.routes + DescriptionRoutes.routes
}
