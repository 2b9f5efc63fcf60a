// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryService

/// The parameters of a path, from left to right, each percent-decoded exactly once and made a domain value.
package struct PathParameters: Sendable {
    private let segments: [Substring]

    init(_ segments: [Substring]) {
        self.segments = segments
    }

    func owner() throws -> OwnerName {
        try OwnerName(decoded(0))
    }

    func package() throws -> PackageCoordinate {
        PackageCoordinate(owner: try owner(), package: try PackageName(decoded(1)))
    }

    func version() throws -> VersionCoordinate {
        VersionCoordinate(
            owner: try owner(),
            package: try PackageName(decoded(1)),
            version: try PackageVersion(decoded(2))
        )
    }

    func file() throws -> FileCoordinate {
        FileCoordinate(
            owner: try owner(),
            package: try PackageName(decoded(1)),
            version: try PackageVersion(decoded(2)),
            file: try FileName(decoded(3))
        )
    }

    private func decoded(_ index: Int) throws -> String {
        guard segments.indices.contains(index) else {
            preconditionFailure("the route's path has no parameter \(index)")
        }
        return try percentDecoded(segments[index])
    }
}
