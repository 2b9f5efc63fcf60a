// SPDX-License-Identifier: Apache-2.0

/// The tables of all areas: what is served, and what is described.
package enum Routes {
    package static let all =
        GenericPackageRoutes.routes + ReleaseRoutes.routes + UploadRoutes.routes + BrowseRoutes.routes
        + SearchRoutes.routes + OwnerRoutes.routes
        + ManagementRoutes.routes + HealthRoutes.routes + DescriptionRoutes.routes
}
